"""An engine's address is the same for every server with the same home, and private to the user."""

import stat
from pathlib import Path

import pytest

from pipeline.errors.base import Fault
from pipeline.runtime.address import Address, Note, read_note


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Address:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return Address(tmp_path / "a home with a long name " / ("x" * 150), "train")


def test_the_path_of_the_socket_is_short_even_if_the_home_has_a_long_one(address: Address) -> None:
    assert len(str(address.socket).removeprefix(str(address.folder.parent.parent))) < 60


def test_a_home_has_one_address_and_another_home_has_a_different_one(address: Address, tmp_path: Path) -> None:
    assert Address(address.home, "train") == address
    assert Address(tmp_path / "other", "train").folder != address.folder


def test_the_folder_and_the_note_are_private_to_the_user(address: Address) -> None:
    address.open()
    Note(1, "secret").write(address.note)
    assert stat.S_IMODE(address.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(address.note.stat().st_mode) == 0o600
    assert read_note(address.note) == Note(1, "secret")


def test_a_folder_that_others_can_open_is_refused(address: Address) -> None:
    address.folder.parent.mkdir(mode=0o777)
    address.folder.parent.chmod(0o777)
    with pytest.raises(Fault, match="open to other users"):
        address.open()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"pid": 1}',
        '{"pid": 1, "key": "a", "more": 2}',
        '{"pid": 1, "key": 5}',
        '{"pid": 1, "key": null}',
        '{"pid": 1, "key": ["aa"]}',
        '{"pid": "1", "key": "aa"}',
        '{"pid": 1.5, "key": "aa"}',
        '{"pid": true, "key": "aa"}',
        '{"pid": -1, "key": "aa"}',
        "[" * 100_000,
    ],
    ids=lambda text: text[:30],
)
def test_an_incomplete_or_wrongly_typed_note_is_ignored(address: Address, text: str) -> None:
    address.open()
    address.note.write_text(text)
    assert read_note(address.note) is None

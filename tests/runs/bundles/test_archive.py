"""A bundle that is not as it was written is refused, whatever was done to it, and the home stays as it was."""

import json
import stat
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors.base import Refusal
from pipeline.errors.bundles import DamagedBundle, NewerBundle
from pipeline.errors.machine import UnusableFile
from pipeline.runs import metrics, point_series
from pipeline.runs.bundles import archive
from pipeline.runs.bundles.importing import import_bundle
from pipeline.runs.bundles.writing import write_bundle
from pipeline.runs.store import RunRecord, Store
from tests.runs.bundles.conftest import contents, rows
from tests.runs.databases import SQLITE

DATABASES = SQLITE

MANY = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
Entries = dict[str, bytes]


@pytest.fixture
def bundle(tmp_path: Path, store: Store, new_run: Callable[..., RunRecord]) -> Path:
    """A small bundle."""
    run = new_run().id
    metrics.append(store, run, 1, ["loss"], [[0.1], [0.2]])
    point_series.record(store, run, 2, {"diversity": 0.5})
    store.files(run).save_grid(2, b"a picture")
    store.update(run, step=2)
    write_bundle(store, [run], tmp_path / "run.zip")
    return tmp_path / "run.zip"


def refused(path: Path, other: Store, match: str = "was not imported") -> None:
    """Assert that a bundle is refused in a sentence and leaves the other home as it was."""
    before = contents(other.home / "runs"), rows(other)
    with pytest.raises(DamagedBundle, match=match):
        import_bundle(other, path, "")
    assert (contents(other.home / "runs"), rows(other)) == before


def entries_of(path: Path) -> Entries:
    with zipfile.ZipFile(path) as found:
        return {name: found.read(name) for name in found.namelist()}


def rewritten(path: Path, entries: Entries, kind: int = zipfile.ZIP_STORED, mode: int = stat.S_IFREG) -> Path:
    """A bundle of these entries with a valid hash of its own, as a forger would make it."""
    out = path.with_name("rewritten.zip")
    with zipfile.ZipFile(out, "w", kind) as made:
        made.comment = archive._LABEL + b"0" * 64
        for name, content in entries.items():
            facts = zipfile.ZipInfo(name)
            facts.external_attr, facts.compress_type = (mode | 0o600) << 16, kind
            made.writestr(facts, content)
    content = out.read_bytes()[:-64]
    out.write_bytes(content + sha256(content).hexdigest().encode())
    return out


def with_manifest(path: Path, change: Callable[[dict[str, Any]], None], entries: Entries | None = None) -> Path:
    """A bundle with a changed manifest, and these entries in place of its own."""
    found = dict(entries_of(path) if entries is None else entries)
    facts = json.loads(found["bundle.json"])
    change(facts)
    return rewritten(path, found | {"bundle.json": json.dumps(facts).encode()})


def with_entry(path: Path, ending: str, content: bytes | None, name: str = "") -> Path:
    """A bundle in which an entry has another content, or another name, and the manifest says so."""
    found = entries_of(path)
    old = next(each for each in found if each.endswith(ending))
    new = found.pop(old) if content is None else content
    found[name or old] = new

    def change(facts: dict[str, Any]) -> None:
        facts["files"] = [each for each in facts["files"] if each["name"] != old]
        facts["files"].append({"name": name or old, "size": len(new), "sha256": sha256(new).hexdigest()})

    return with_manifest(path, change, found)


def test_a_bundle_that_is_written_again_unchanged_is_imported(bundle: Path, other: Store):
    # The others in this file are refused because of what they change.
    assert len(import_bundle(other, rewritten(bundle, entries_of(bundle)), "").runs) == 1


@MANY
@given(st.data())
def test_a_bundle_with_any_byte_changed_is_refused(bundle: Path, other: Store, data: st.DataObject):
    content = bytearray(bundle.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    damaged = bundle.with_name("damaged.zip")
    damaged.write_bytes(content)
    refused(damaged, other)


@MANY
@given(st.data())
def test_a_bundle_that_is_cut_or_longer_is_refused(bundle: Path, other: Store, data: st.DataObject):
    content = bundle.read_bytes()
    end = data.draw(st.integers(0, len(content) - 1))
    damaged = bundle.with_name("damaged.zip")
    damaged.write_bytes(data.draw(st.sampled_from([content[:end], content + content[end:]])))
    refused(damaged, other)


@settings(MANY, max_examples=25)
@given(st.data())
def test_a_bundle_without_one_of_its_entries_or_with_another_name_for_it_is_refused(
    bundle: Path, other: Store, data: st.DataObject
):
    entries = entries_of(bundle)
    name = data.draw(st.sampled_from(sorted(entries)))
    content = entries.pop(name)
    if data.draw(st.booleans()):
        entries[data.draw(st.text(min_size=1).filter(lambda text: text != name and "\0" not in text))] = content
    refused(rewritten(bundle, entries), other)


OUTSIDE = (
    "../evil", "/etc/evil", "runs/../../evil", "runs/20200101-000000-00000000/files/evil", "C:\\evil", "evil",
    "uploads/../evil", "uploads/.hidden/1.png", "uploads//1.png", "uploads/a\x00b", "runs/ID/files/../../evil",
    "runs/ID/files/lock", "runs/ID/files/.hidden", "runs/ID/files/a/b/c/d/e/f", "runs/ID/evil.json", "runs/ID/files/",
    "runs/ID/files/grids/",
)  # fmt: skip


def test_no_name_leads_out_of_the_folder_of_a_run(bundle: Path, other: Store):
    run = json.loads(entries_of(bundle)["bundle.json"])["runs"][0]["id"]
    for name in OUTSIDE:
        refused(with_entry(bundle, ".png", None, name.replace("ID", run)), other)
    assert not list(other.home.parent.rglob("evil"))


def test_links_and_compressed_entries_are_refused(bundle: Path, other: Store):
    refused(rewritten(bundle, entries_of(bundle), mode=stat.S_IFLNK), other, "belongs to no run")
    refused(rewritten(bundle, entries_of(bundle), kind=zipfile.ZIP_DEFLATED), other, "compressed")


def test_two_entries_of_one_name_are_refused(bundle: Path, other: Store):
    out = bundle.with_name("twice.zip")
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(out, "w") as made:
        made.comment = archive._LABEL + b"0" * 64
        for name, content in [*entries_of(bundle).items()] * 2:
            made.writestr(name, content)
    content = out.read_bytes()[:-64]
    out.write_bytes(content + sha256(content).hexdigest().encode())
    refused(out, other, "entries are not those")


@pytest.mark.parametrize("key", ["size", "sha256"])
def test_an_entry_that_the_manifest_describes_otherwise_is_refused(key: str, bundle: Path, other: Store):
    def change(facts: dict[str, Any]) -> None:
        facts["files"][0][key] = {"size": facts["files"][0]["size"] + 1, "sha256": "0" * 64}[key]

    refused(with_manifest(bundle, change), other)


NONSENSE = (
    ("record.json", b"[]"),
    ("record.json", b'{"record": {"id": 5}, "tags": []}'),
    ("events.json", b'[{"step": 1}]'),
    ("events.json", b"[" * 100_000),
    ("series.json", b'[{"name": "loss", "blocks": [[1, 3]], "points": 0}]'),
    ("series.json", b'[{"name": "loss", "blocks": [[4096, 2]], "points": 1}]'),
    ("series.json", b'[{"name": "loss", "blocks": [[1, 1], [1, 1]], "points": 1}]'),
    ("series.json", b'[{"name": "loss", "blocks": [[0, 2]], "points": 1}]'),
    ("values.f32", b"123"),
    ("points.bin", b"\xff" * 12),
)


def test_rows_that_make_no_sense_are_refused(bundle: Path, other: Store):
    for ending, content in NONSENSE:
        refused(with_entry(bundle, ending, content), other)


def test_a_record_of_another_run_or_one_that_is_its_own_parent_is_refused(bundle: Path, other: Store):
    entries = entries_of(bundle)
    record = json.loads(next(content for name, content in entries.items() if name.endswith("record.json")))
    changes = (
        {"id": "20200101-000000-00000000"}, {"parent": record["record"]["id"]}, {"evil": 1}, {"seed": 2**64},
        {"created": 1e300}, {"updated": -1.0}, {"seconds": 1e308}, {"seconds": -1.0}, {"name": "a" * 100_000},
    )  # fmt: skip
    for changed in changes:
        facts = record | {"record": record["record"] | changed}
        refused(with_entry(bundle, "record.json", json.dumps(facts).encode()), other)


def test_a_bundle_of_a_newer_version_is_refused_by_a_sentence(bundle: Path, other: Store):
    newer = with_manifest(bundle, lambda facts: facts.update(format=7, version="9.1.0", novelty=True))
    with pytest.raises(NewerBundle, match=r"written by Genscope 9\.1\.0 in format 7.* up to 2\. Update Genscope\."):
        import_bundle(other, newer, "")
    assert rows(other)["runs"] == []


@pytest.mark.parametrize("content", [b"", b"PK", b"a text" * 100])
def test_another_file_is_refused(content: bytes, tmp_path: Path, other: Store):
    (tmp_path / "other.zip").write_bytes(content)
    refused(tmp_path / "other.zip", other, "it is another file, or cut short")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path, other: Store):
    with TemporaryDirectory() as folder:
        for path in (tmp_path / "none.zip", Path(folder)):
            with pytest.raises(UnusableFile, match="cannot be read"):
                import_bundle(other, path, "")
    assert issubclass(UnusableFile, Refusal)

"""What a run's numbers depend on besides its workflow."""

from dataclasses import asdict, replace
from pathlib import Path

import pytest

from pipeline.runs import environment
from pipeline.runs.environment import PACKAGES, Environment, commit_of, hash_of
from pipeline.runs.files import RunFiles

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def files(tmp_path: Path) -> RunFiles:
    files = RunFiles(tmp_path, "20261122-140501-3fa9c2d1")
    files.make()
    return files


def test_it_is_recorded_and_read_back(files: RunFiles) -> None:
    here = Environment.here("cuda:0", "a GPU", 4, "f00d")
    assert here.packages.keys() <= set(PACKAGES) and here.packages["torch"] and here.python and here.platform
    environment.save(files, here)
    assert environment.load(files) == here
    assert here.differences(here) == []


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"packages": 3}', b"\xff"])
def test_a_file_that_cannot_be_read_counts_as_none(files: RunFiles, content: bytes) -> None:
    files.environment.write_bytes(content)
    assert environment.load(files) is None


def test_differences_are_clauses_and_what_is_unknown_is_none() -> None:
    before = Environment("0.6.0", {"torch": "2.13.0", "numpy": "2.4"}, device="cpu", threads=2, data="f00d")
    now = replace(before, version="0.7.0", packages={"torch": "2.14.1"}, device="", threads=4, data="beef")
    assert before.differences(now) == [
        "Genscope was 0.6.0, is 0.7.0 now",
        "torch was 2.13.0, is 2.14.1 now",
        "the number of CPU threads was 2, is 4 now",
        "the images are others",
    ]
    assert set(asdict(before)) - {"packages"} == set(environment.WORDS)


def test_the_hash_of_images_depends_on_each_of_their_hashes() -> None:
    first, second = {"pictures": "a", "labels": "b"}, {"labels": "b", "pictures": "a"}
    assert hash_of([first]) == hash_of([second]) != hash_of([first, second])
    assert hash_of([]) == hash_of([{}]) == ""


def repository(folder: Path, *, packed: bool = False, detached: bool = False) -> None:
    git = folder / ".git"
    (git / "refs" / "heads").mkdir(parents=True)
    (git / "HEAD").write_text(f"{COMMIT}\n" if detached else "ref: refs/heads/main\n")
    if packed:
        (git / "packed-refs").write_text(
            f"# pack-refs with: peeled\n{'0' * 40} refs/tags/one\n{COMMIT} refs/heads/main\n"
        )
    else:
        (git / "refs" / "heads" / "main").write_text(f"{COMMIT}\n")


@pytest.mark.parametrize("kind", [{}, {"packed": True}, {"detached": True}])
def test_the_commit_is_found_without_git(tmp_path: Path, kind: dict[str, bool]) -> None:
    repository(tmp_path, **kind)
    (tmp_path / "deep" / "inside").mkdir(parents=True)
    assert commit_of(tmp_path / "deep" / "inside") == commit_of(tmp_path) == COMMIT


def test_the_commit_of_a_linked_working_tree_is_found(tmp_path: Path) -> None:
    repository(tmp_path / "main")
    linked = tmp_path / "main" / ".git" / "worktrees" / "linked"
    linked.mkdir(parents=True)
    (linked / "HEAD").write_text("ref: refs/heads/main\n")
    (linked / "commondir").write_text("../..\n")
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / ".git").write_text(f"gitdir: {linked}\n")
    assert commit_of(tmp_path / "linked") == COMMIT


def test_outside_of_a_repository_or_in_a_broken_one_there_is_no_commit(tmp_path: Path) -> None:
    assert commit_of(tmp_path) == ""
    (tmp_path / ".git").mkdir()
    assert commit_of(tmp_path) == ""

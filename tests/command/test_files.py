"""Files named on the command line: only workflows are read, and only safe output paths are written."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., tuple[int, dict[str, Any], str]]


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"no JSON",
        b"[1, 2]",
        b'{"a": NaN}',
        b"[" * 100_000,
        b" " * 50_000_000,
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xfe",
    ],
    ids=["missing", "empty", "not JSON", "not a map", "NaN", "deep", "50 MB", "cut PNG", "not text"],
)
@pytest.mark.parametrize("command", ["check", "train"])
def test_a_file_that_is_not_a_workflow_is_refused(
    command: str, content: bytes | None, run: Run, tmp_path: Path, home: Path
) -> None:
    path = tmp_path / "workflow.json"
    if content is not None:
        path.write_bytes(content)
    code, facts, err = run(command, path)
    assert code == 2
    assert err == facts["error"] + "\n"
    assert "workflow.json" in err
    assert not home.exists()


def test_a_folder_is_refused_as_a_workflow(run: Run, tmp_path: Path) -> None:
    assert run("check", tmp_path)[0] == 2


@pytest.mark.parametrize("out", ["missing/a{}", "folder{}", "a.txt", "a", "{}", "n" * 300 + "{}", "pipe{}"])
@pytest.mark.parametrize(("command", "ending"), [("sample", ".png"), ("export", ".csv")])
def test_an_output_that_cannot_be_written_is_refused(
    command: str, ending: str, out: str, run_at_home: Run, tmp_path: Path
) -> None:
    (tmp_path / f"folder{ending}").mkdir()
    os.mkfifo(tmp_path / f"pipe{ending}")
    before = sorted(tmp_path.iterdir())
    to = ["--to", "csv"] if command == "export" else []
    code, facts, _ = run_at_home(command, "latest", *to, "--out", tmp_path / out.format(ending))
    assert (code, facts["kind"]) == (2, "UnusableFile")
    assert sorted(tmp_path.iterdir()) == before

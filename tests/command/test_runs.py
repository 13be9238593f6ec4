"""`runs`: the list of runs, what is looked for in it, and what is done with runs."""

import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline import VERSION
from pipeline.__main__ import main
from pipeline.runs import edits, metrics
from pipeline.runs.lock import RunLock
from pipeline.runs.store import RunRecord, Store

Run = Callable[..., tuple[int, dict[str, Any], str]]
NewRun = Callable[..., RunRecord]
MISSING = "20200101-000000-00000000"


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    """The store of the home of `run`, for runs that need no training."""
    home.mkdir()
    with Store(home) as store:
        yield store


def names(facts: dict[str, Any]) -> list[str]:
    return [each["name"] for each in facts["runs"]]


def fill(store: Store, run: RunRecord, count: int) -> None:
    (store.files(run.id).folder / "grids" / "step-000000001.png").write_bytes(bytes(count))


def test_without_runs_the_output_says_how_to_start_one(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs"]) == 0
    assert "train" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("runs", 0),
        ("queue", 0),
        ("submit --list", 0),
        ("runs delete latest --yes", 2),
        ("sample latest --out samples.png", 2),
        ("export latest --to csv --out metrics.csv", 2),
        ("compare latest latest", 2),
        ("evaluate latest", 2),
    ],
)
def test_what_needs_a_run_makes_no_home(
    words: str, code: int, run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home.parent)
    found, facts, _ = run(*words.split())
    assert (found, facts.get("kind", "UnknownRun")) == (code, "UnknownRun")
    assert list(home.parent.iterdir()) == []


def test_runs_lists_the_newest_first_and_at_most_limit(run: Run, small: Path) -> None:
    assert run("train", small, "--steps", 1, "--name", "first")[0] == 0
    assert run("train", small, "--steps", 2, "--name", "second")[0] == 0
    code, facts, _ = run("runs")
    assert code == 0
    assert [(entry["name"], entry["step"], entry["state"]) for entry in facts["runs"]] == [
        ("second", 2, "paused"),
        ("first", 1, "paused"),
    ]
    assert {entry["version"] for entry in facts["runs"]} == {VERSION}
    assert len(run("runs", "--limit", 1)[1]["runs"]) == 1
    # A name given to one run is not that of the template.
    assert {(entry["template"], entry["images"]) for entry in facts["runs"]} == {("small", "digits")}


def test_runs_are_found_by_words_state_template_and_tags(store: Store, new_run: NewRun, run: Run) -> None:
    first, second = new_run(name="Faces", template="dcgan"), new_run(name="digits", template="flow")
    store.update(second.id, state="failed")
    edits.tag(store, [first.id], ["good", "seen"])
    for options, expected in {
        ("--find", "faces ADA"): ["Faces"],
        ("--find", "faces flow"): [],
        ("--state", "failed", "--state", "running"): ["digits"],
        ("--template", "dcgan", "--template", "flow"): ["digits", "Faces"],
        ("--tag", "good", "--tag", "seen"): ["Faces"],
        ("--archived",): [],
        ("--sort", "name"): ["digits", "Faces"],
        ("--sort=-name",): ["Faces", "digits"],
    }.items():
        code, facts, _ = run("runs", *options)
        assert (code, names(facts), facts.get("total", len(expected))) == (0, expected, len(expected))
    assert run("runs", "--tag", "good")[1]["runs"][0]["tags"] == ["good", "seen"]


def test_runs_are_sorted_by_a_metric_which_is_shown(
    store: Store, new_run: NewRun, run: Run, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, values in {"a": [3, 1], "b": [2, 2], "c": []}.items():
        made = new_run(name=name)
        if values:
            metrics.append(store, made.id, 1, ["loss"], [[value] for value in values])
    _, facts, _ = run("runs", "--sort", "loss")
    assert [(each["name"], each["value"]) for each in facts["runs"]] == [("a", 1.0), ("b", 2.0), ("c", None)]
    assert names(run("runs", "--sort=-loss:high")[1]) == ["a", "b", "c"]
    assert main(["runs", "--sort", "loss", "--limit", "2", "--find", "a"]) == 0
    assert "loss 1" in capfd.readouterr().out
    code, facts, _ = run("runs", "--sort", "los")
    assert (code, facts["kind"]) == (2, "UnknownOrder")
    assert "did you mean 'loss'?" in facts["error"]


def test_a_longer_list_is_said_to_be_cut_only_where_something_was_looked_for(
    store: Store, new_run: NewRun, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(3):
        new_run()
    assert main(["runs", "--limit", "2"]) == 0
    assert capsys.readouterr().out.count("\n") == 2
    assert main(["runs", "--limit", "2", "--find", "digits"]) == 0
    assert "2 of 3 runs; --limit N lists more." in capsys.readouterr().out


def test_more_words_than_a_database_can_look_for_are_refused(store: Store, new_run: NewRun, run: Run) -> None:
    new_run()
    code, facts, _ = run("runs", "--find", "a " * 101)
    assert (code, facts["kind"]) == (2, "UnreadableCommand")
    assert run("runs", "--find", "a " * 100)[0] == 0


@pytest.mark.parametrize(
    "arguments",
    [("note", "latest", "caf\udce9"), ("tag", "latest", "--remove", "caf\udce9"), ("archive", "caf\udce9"),
     ("--tag", "caf\udce9"), ("--find", "caf\udce9")],
)  # fmt: skip
def test_a_text_that_is_not_utf_8_is_refused(
    arguments: tuple[str, ...], store: Store, new_run: NewRun, run: Run
) -> None:
    new_run()
    code, facts, _ = run("runs", *arguments)
    assert (code, facts["kind"]) == (2, "UnstorableText")


def test_a_run_is_renamed_annotated_tagged_archived_and_restored(store: Store, new_run: NewRun, run: Run) -> None:
    one, two = new_run(), new_run()
    assert run("runs", "rename", one.id, " Faces ")[1] == {"run": one.id, "name": "Faces"}
    assert run("runs", "note", "latest", "the best")[1] == {"run": two.id, "note": "the best"}
    _, facts, _ = run("runs", "tag", one.id, "latest", "--add", "a", "--add", "b")
    assert facts == {"runs": [{"run": each.id, "tags": ["a", "b"]} for each in (one, two)]}
    assert run("runs", "tag", one.id, "--remove", "a", "--add", "c")[1]["runs"][0]["tags"] == ["b", "c"]
    assert run("runs", "archive", one.id, one.id)[1] == {"archived": [one.id]}
    assert (names(run("runs")[1]), names(run("runs", "--archived")[1])) == (["digits"], ["Faces"])
    assert run("runs", "restore", one.id)[1] == {"restored": [one.id]}
    assert names(run("runs")[1]) == ["digits", "Faces"]


def test_a_checkpoint_is_pinned_by_its_step_or_the_newest_and_unpinned(store: Store, new_run: NewRun, run: Run) -> None:
    made = new_run()
    for step in (500, 1400):
        store.files(made.id).checkpoint_folder(step).mkdir()
    assert run("runs", "pin", made.id)[1] == {"run": made.id, "pinned": [1400]}
    assert run("runs", "pin", "latest", "--step", "500")[1] == {"run": made.id, "pinned": [500, 1400]}
    assert run("runs")[1]["runs"][0]["pinned"] == [500, 1400]
    assert run("runs", "unpin", made.id, "--step", "1400")[1] == {"run": made.id, "pinned": [500]}
    code, facts, _ = run("runs", "pin", made.id, "--step", "7")
    assert (code, facts["kind"]) == (2, "UnknownCheckpoint") and "500, 1,400" in facts["error"]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("rename", MISSING, "name"), "UnknownRun"),
        (("rename", "latest", " "), "UnusableRunName"),
        (("note", MISSING, "text"), "UnknownRun"),
        (("tag", "latest", MISSING, "--add", "x"), "UnknownRuns"),
        (("tag", "latest", "--add", "a,b"), "UnusableTag"),
        (("tag", "latest"), "UnreadableCommand"),
        (("archive", "latest", MISSING), "UnknownRuns"),
        (("delete", "latest", MISSING, "--yes"), "UnknownRuns"),
        (("delete",), "UnreadableCommand"),
        (("tree", MISSING), "UnknownRun"),
        (("--state", "odd"), "UnreadableCommand"),
        (("odd",), "UnreadableCommand"),
        (("--find", "digits", "delete", "latest", "--yes"), "UnreadableCommand"),
    ],
)
def test_what_is_refused_changes_nothing(
    store: Store, new_run: NewRun, run: Run, words: tuple[str, ...], kind: str
) -> None:
    made = new_run()
    code, facts, err = run("runs", *words)
    assert (code, facts["kind"]) == (2, kind)
    assert facts["error"] in err
    assert store.recent() == [made]


def test_without_yes_and_a_terminal_a_deletion_only_says_what_it_would_delete(
    store: Store, new_run: NewRun, run: Run
) -> None:
    parent = new_run(name="parent")
    fork = new_run(name="fork", parent=parent.id, parent_step=1)
    fill(store, parent, 1234)
    code, facts, err = run("runs", "delete", parent.id)
    assert (code, facts["kind"], facts["bytes"], facts["deleted"]) == (2, "NotConfirmed", 1234, False)
    assert (facts["runs"], facts["forks"]) == ([parent.id], [fork.id])
    for words in ("1 run, ", "frees 1.2 kB", "parent", "1 fork of them stays", "Nothing was deleted", "--yes"):
        assert words in err
    assert len(store.recent()) == 2
    code, facts, _ = run("runs", "delete", parent.id, "--yes")
    assert (code, facts["bytes"], facts["deleted"]) == (0, 1234, True)
    assert [each.id for each in store.recent()] == [fork.id]


@pytest.mark.parametrize(("answer", "left"), [("yes\n", 0), ("Y\n", 0), ("no\n", 1), ("\n", 1), ("", 1)])
def test_in_a_terminal_the_answer_decides(
    store: Store, new_run: NewRun, monkeypatch: pytest.MonkeyPatch, answer: str, left: int
) -> None:
    new_run()
    terminal = io.StringIO(answer)
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", terminal)
    assert main(["runs", "delete", "latest"]) == 2 * left
    assert len(store.recent()) == left


def test_a_run_that_a_process_holds_is_not_deleted(store: Store, new_run: NewRun, run: Run) -> None:
    free, held = new_run(), new_run()
    with RunLock(store.files(held.id)):
        code, facts, _ = run("runs", "delete", free.id, held.id, "--yes")
    assert (code, facts["kind"]) == (2, "RunInUse")
    assert len(store.recent()) == 2


def test_space_is_told_by_kind_and_what_the_archived_runs_would_free(
    store: Store, new_run: NewRun, run: Run, capfd: pytest.CaptureFixture[str]
) -> None:
    small, large = new_run(name="small"), new_run(name="large")
    fill(store, small, 10)
    fill(store, large, 5000)
    edits.archive(store, [large.id])
    _, facts, _ = run("runs", "space")
    assert [(each["name"], each["grids"], each["bytes"], each["archived"]) for each in facts["runs"]] == [
        ("large", 5000, 5000, True),
        ("small", 10, 10, False),
    ]
    assert facts["total"] == {"checkpoints": 0, "grids": 5010, "probes": 0, "evaluations": 0, "other": 0, "bytes": 5010}
    assert facts["archived"] == {"runs": 1, "bytes": 5000}
    assert main(["runs", "space", "--limit", "1"]) == 0
    out = capfd.readouterr().out
    assert "would delete 1 run and free 5.0 kB" in out
    assert "5.0 kB" in out and "small" not in out
    assert run("runs", "delete", "--archived", "--yes")[1]["bytes"] == 5000
    assert run("runs", "delete", "--archived", "--yes")[0] == 0
    assert [each.name for each in store.recent()] == ["small"]


def test_forks_are_a_tree_with_their_step_and_what_was_changed(
    store: Store, new_run: NewRun, run: Run, capfd: pytest.CaptureFixture[str]
) -> None:
    root = new_run(name="root")
    fork = new_run(name="fork", parent=root.id, parent_step=1450, changed="lr 1 → 2")
    new_run(name="leaf", parent=fork.id, parent_step=2000)
    assert main(["runs", "tree"]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert [len(line) - len(line.lstrip()) for line in lines] == [0, 2, 4]
    assert lines[1].strip() == f"from 1,450  {fork.id}  fork  step 1,450  lr 1 → 2"
    _, facts, _ = run("runs", "tree", fork.id)
    assert [(each["name"], each["depth"], each["parent_step"]) for each in facts["runs"]] == [
        ("fork", 0, 1450),
        ("leaf", 1, 2000),
    ]
    run("runs", "delete", root.id, "--yes")
    assert main(["runs", "tree"]) == 0
    assert capfd.readouterr().out.startswith("from 1,450 of a deleted run  ")

"""The command line as a whole: exit codes, output streams, and input that every command refuses."""

import os
import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline import __main__ as command_line
from pipeline.command.answer import CommandResult
from pipeline.runs.home import home as make_home
from pipeline.runs.store import Store

ROOT = Path(command_line.__file__).parent.parent
TEMPLATE = ROOT / "pipeline" / "templates" / "mlp-gan.json"

Run = Callable[..., tuple[int, dict[str, Any], str]]


def test_help_names_every_command_and_the_exit_codes() -> None:
    command = [sys.executable, "-m", "pipeline", "--help"]
    text = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert all(
        f"    {name} " in text
        for name in (
            *("nodes", "check", "data", "train", "engine", "profile", "submit", "sample", "runs", "export", "import"),
            "bench",
        )
    )
    assert "Exit codes" in text


def test_commands_that_only_read_never_load_torch(home: Path, tmp_path: Path) -> None:
    with Store(make_home()) as store:
        store.create(
            name="a run", workflow_text="", device="cpu", seed=0, total_steps=1, batch_size=1, train_images=1, who=""
        )
    commands = [
        ["nodes"],
        ["bench", "--list"],
        ["check", str(TEMPLATE)],
        ["data", "digits"],
        ["runs"],
        ["submit", "--list"],
        ["submit", str(TEMPLATE), "--cluster", "local", "--dry-run"],
        ["export", "latest", "--to", "csv", "--out", "a.csv"],
        ["export", "latest", "--to", "parquet", "--out", "a.parquet"],
        ["export", "latest", "--to", "tensorboard", "--out", "logs"],
        ["export", "latest", "--to", "bundle", "--out", "a.zip"],
    ]
    script = (
        "import sys\nfrom pipeline.__main__ import main\n"
        f"codes = [main(command) for command in {commands}]\n"
        "assert codes == [0] * len(codes), codes\n"
        "assert 'torch' not in sys.modules"
    )
    paths = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=paths, check=True, stdout=subprocess.DEVNULL)


def test_a_closed_output_pipe_is_not_an_error() -> None:
    command = [sys.executable, "-m", "pipeline", "nodes"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, **pipes) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ([], "UnreadableCommand"),
        (["trian"], "UnreadableCommand"),
        (["runs", "--limit", "0"], "UnreadableCommand"),
        (["runs", "--limit", "many"], "UnreadableCommand"),
        (["runs", "--lim", "3"], "UnreadableCommand"),
        (["train"], "UnreadableCommand"),
        (["train", TEMPLATE, "--steps", "0"], "UnreadableCommand"),
        (["train", TEMPLATE, "--seed", "x"], "UnreadableCommand"),
        (["train", TEMPLATE, "--name", "a\nb"], "UnreadableCommand"),
        (["train", TEMPLATE, "--resume", "latest"], "UnreadableCommand"),
        (["train", "--resume", "latest", "--seed", "1"], "UnreadableCommand"),
        (["train", TEMPLATE, "--set", "learning_rate"], "UnreadableSetting"),
        (["train", TEMPLATE, "--set", "generatr.slope=0.1"], "UnknownNode"),
        (["train", TEMPLATE, "--set", "generator.slop=0.1"], "UnknownParameter"),
        (["sample", "latest"], "UnreadableCommand"),
        (["sample", "latest", "--out", "a.png", "--weights", "best"], "UnreadableCommand"),
        (["export", "latest", "--to", "xls", "--out", "a.xls"], "UnreadableCommand"),
    ],
    ids=lambda value: " ".join(map(str, value)).replace(str(TEMPLATE), "WORKFLOW") if isinstance(value, list) else None,
)
def test_a_malformed_command_is_refused(arguments: list[object], kind: str, run: Run, home: Path) -> None:
    code, facts, err = run(*arguments)
    assert (code, facts["kind"]) == (2, kind)
    assert err == facts["error"] + "\n"
    assert not home.exists()


@pytest.mark.parametrize("name", ["../../etc", "/etc/passwd", "20260101-000000-00000000", "", "latest"])
@pytest.mark.parametrize("command", ["sample", "export", "train"])
def test_an_unknown_run_is_refused(command: str, name: str, run: Run, tmp_path: Path) -> None:
    arguments: dict[str, list[object]] = {
        "sample": ["sample", name, "--out", tmp_path / "a.png"],
        "export": ["export", name, "--to", "csv", "--out", tmp_path / "a.csv"],
        "train": ["train", "--resume", name],
    }
    code, facts, _ = run(*arguments[command])
    assert (code, facts["kind"]) == (2, "UnknownRun")


@pytest.mark.parametrize("command", [["runs"], ["train", TEMPLATE, "--steps", 1]], ids=["runs", "train"])
def test_a_home_that_cannot_be_created_is_reported_without_a_traceback(
    command: list[object], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("GENSCOPE_HOME", str(tmp_path / "file" / "home"))
    code, facts, err = run(*command)
    assert (code, facts["kind"]) == (1, "CannotWrite")
    assert "GENSCOPE_HOME" in err and "Traceback" not in err


def test_an_internal_error_still_prints_one_json_object(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(_: object) -> Any:
        """Raise an exception that no command should raise."""
        raise RuntimeError("wires crossed")

    monkeypatch.setitem(command_line.COMMANDS, "nodes", (lambda parser: None, break_down))
    code, facts, err = run("nodes")
    assert (code, facts["kind"]) == (1, "RuntimeError")
    assert "Traceback" in err and "wires crossed" in facts["error"]


def test_what_a_custom_node_prints_goes_to_standard_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    options, listed = command_line.COMMANDS["runs"]

    def chatty(parsed: Namespace) -> CommandResult:
        print("a word of its own")
        return listed(parsed)

    monkeypatch.setitem(command_line.COMMANDS, "runs", (options, chatty))
    code, facts, err = run("runs")
    assert (code, facts["runs"], err) == (0, [], "a word of its own\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["sample", "latest", "--count", "1" * 4000, "--out", "a.png"],
        ["sample", "latest", "--seed", "1" * 5000, "--out", "a.png"],
        ["train", TEMPLATE, "--seed", "1" * 4000],
        ["train", TEMPLATE, "--set", "training.seed=" + "1" * 4000],
        ["train", TEMPLATE, "--set", "n" * 100_000 + ".seed=1"],
        ["train", TEMPLATE, "--set", "training." + "n" * 100_000 + "=1"],
        ["train", "n" * 100_000],
        ["n" * 100_000],
    ],
    ids=range(8),
)
def test_a_refusal_shortens_what_is_far_too_long(arguments: list[object], run: Run) -> None:
    code, facts, err = run(*arguments)
    assert code == 2
    assert len(facts["error"]) < 400 and len(err) < 400


def test_limits_are_told_in_plain_digits(run: Run) -> None:
    refused = run("train", TEMPLATE, "--set", "training.total_steps=123456789")[1]["error"]
    assert "123456789, more than the maximum of 10,000,000" in refused
    assert "Seed is 1000000000000.0," in run("train", TEMPLATE, "--set", "training.seed=1e12")[1]["error"]


def test_a_home_of_a_user_who_does_not_exist_is_refused_with_a_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENSCOPE_HOME", "~nosuchuser/home")
    code, facts, err = run("runs")
    assert (code, facts["kind"]) == (1, "CannotWrite")
    assert "there is no user 'nosuchuser'" in err and "Traceback" not in err


def test_names_and_paths_reach_the_terminal_without_control_characters(run: Run, tmp_path: Path) -> None:
    evil = "a\nb\x1b[31m\x85\u202e\u2066c"
    for arguments in (["check", evil], ["data", evil], ["sample", evil, "--out", "a.png"], ["train", evil], [evil]):
        _, _, err = run(*arguments)
        assert err.count("\n") == 1
        assert not set(err) & set("\x1b\x85\u202e\u2066")

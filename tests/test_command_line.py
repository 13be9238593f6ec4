"""The command line through its front door: exit codes, what stands on which stream, and what is refused."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline import __main__ as command_line
from pipeline.graph import document
from pipeline.nodes.catalogue import NODES
from pipeline.runs.lock import RunLock
from pipeline.runs.store import Store

ROOT = Path(command_line.__file__).parent.parent
TEMPLATE = ROOT / "pipeline" / "templates" / "mlp-gan.json"
SMALL = (
    "data.dataset=digits", "generator.image_size=8", "generator.hidden=16", "discriminator.hidden=16",
    "training.batch_size=8", "training.total_steps=30", "samples.count=4",
)  # fmt: skip
SMALL_OPTIONS = [option for setting in SMALL for option in ("--set", setting)]
METRICS = {"D_loss", "G_loss", "D_real", "D_fake", "D_grad_norm", "G_grad_norm", "images_per_second"}

Run = Callable[..., tuple[int, dict[str, Any], str]]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A home with one run of ten steps, and the process that trained it."""
    home = tmp_path_factory.mktemp("trained") / "home"
    return home, in_a_process(home, "train", str(TEMPLATE), *SMALL_OPTIONS, "--steps", "10", "--json")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home."""
    monkeypatch.setenv("GENSCOPE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def run(home: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs a command with --json in this process: exit code, the one object on standard output, standard error."""

    def call(*arguments: object) -> tuple[int, dict[str, Any], str]:
        code = command_line.main([*map(str, arguments), "--json"])
        out, err = capfd.readouterr()
        return code, only_object(out), err

    return call


@pytest.fixture
def with_run(trained: tuple[Path, subprocess.CompletedProcess[str]], run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """As `run`, in the home that holds a run."""
    monkeypatch.setenv("GENSCOPE_HOME", str(trained[0]))
    return run


def in_a_process(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pipeline", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment(home), capture_output=True, text=True, timeout=240)


def environment(home: Path) -> dict[str, str]:
    return os.environ | {"GENSCOPE_HOME": str(home)}


def only_object(out: str) -> dict[str, Any]:
    assert out.count("\n") == 1
    found = json.loads(out)
    assert isinstance(found, dict)
    return found


def test_train_ends_with_one_object_that_tells_what_was_trained(trained: Any) -> None:
    home, process = trained
    facts = only_object(process.stdout)
    assert process.returncode == 0
    assert (facts["steps"], facts["step"], facts["state"], facts["device"]) == (10, 10, "paused", "cpu")
    assert facts["seconds"] > 0
    assert facts["images_per_second"] == pytest.approx(10 * 8 / facts["seconds"])
    assert facts["metrics"].keys() >= METRICS
    assert (home / "runs" / facts["run"]).is_dir()


def test_train_tells_its_progress_on_standard_error(trained: Any) -> None:
    assert "from step 0 to 10" in trained[1].stderr
    assert "Traceback" not in trained[1].stderr


def test_looking_commands_never_load_torch(trained: Any, tmp_path: Path) -> None:
    commands = [["nodes"], ["check", str(TEMPLATE)], ["runs"], ["export", "latest", "--to", "csv", "--out", "a.csv"]]
    script = (
        "import sys\nfrom pipeline.__main__ import main\n"
        f"codes = [main(command) for command in {commands}]\n"
        "assert codes == [0] * len(codes), codes\n"
        "assert 'torch' not in sys.modules"
    )
    paths = environment(trained[0]) | {"PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=paths, check=True, stdout=subprocess.DEVNULL)


def test_a_reader_that_goes_away_is_no_fault(home: Path) -> None:
    command = [sys.executable, "-m", "pipeline", "nodes"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, env=environment(home), **pipes) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_nodes_lists_every_type_with_what_its_class_declares(run: Run) -> None:
    code, facts, _ = run("nodes")
    assert code == 0
    assert set(facts["nodes"]) == set(NODES.names())
    adam = facts["nodes"]["Adam"]
    assert adam["wires"] == [
        {"name": "network", "label": "Network", "help": adam["wires"][0]["help"], "type": "Network"}
    ]
    assert adam["parameters"][0]["name"] == "learning_rate"
    assert adam["parameters"][0]["live"] is True


def test_nodes_in_words_names_every_parameter(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["nodes"]) == 0
    text = capsys.readouterr().out
    assert all(re.search(rf"^  {name} ", text, re.MULTILINE) for name in ("dim", "learning_rate", "total_steps"))


@pytest.mark.parametrize(
    "template", sorted((ROOT / "pipeline" / "templates").glob("*.json")), ids=lambda path: path.stem
)
def test_check_finds_no_problem_in_a_template(template: Path, run: Run) -> None:
    code, facts, err = run("check", template)
    assert (code, facts, err) == (0, {"ok": True, "node_errors": {}, "workflow_errors": []}, "")


def test_check_tells_all_problems_in_comfyuis_shape(run: Run, tmp_path: Path) -> None:
    prompt = json.loads(TEMPLATE.read_text())["prompt"]
    prompt["sampler"] = {"class_type": "KSampler", "inputs": {"steps": 20}}
    prompt["training"]["inputs"]["batch_size"] = -1
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(prompt))
    code, facts, err = run("check", path)
    assert code == 2
    assert set(facts["node_errors"]) == {"sampler", "training"}
    assert facts["node_errors"]["sampler"]["errors"][0]["type"] == "unknown_node_type"
    assert facts["node_errors"]["training"]["errors"][0]["extra_info"] == {
        "input_name": "batch_size",
        "received_value": -1,
    }
    assert len(err.splitlines()) == 2


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
def test_a_file_that_is_no_workflow_is_refused(
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


def test_a_folder_is_no_workflow(run: Run, tmp_path: Path) -> None:
    assert run("check", tmp_path)[0] == 2


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
        (["train", "--resume", "latest", "--set", "training.seed=1"], "UnreadableCommand"),
        (["train", TEMPLATE, "--set", "learning_rate"], "UnreadableSetting"),
        (["train", TEMPLATE, "--set", "generatr.slope=0.1"], "UnknownNode"),
        (["train", TEMPLATE, "--set", "generator.slop=0.1"], "UnknownParameter"),
        (["sample", "latest"], "UnreadableCommand"),
        (["sample", "latest", "--out", "a.png", "--weights", "best"], "UnreadableCommand"),
        (["export", "latest", "--to", "xls", "--out", "a.xls"], "UnreadableCommand"),
    ],
    ids=lambda value: " ".join(map(str, value)).replace(str(TEMPLATE), "WORKFLOW") if isinstance(value, list) else None,
)
def test_a_command_that_cannot_be_meant_is_refused(arguments: list[object], kind: str, run: Run, home: Path) -> None:
    code, facts, err = run(*arguments)
    assert (code, facts["kind"]) == (2, kind)
    assert err == facts["error"] + "\n"
    assert not home.exists()


@pytest.mark.parametrize(
    ("option", "culprit"),
    [
        (["--set", "training.batch_size=0"], "Batch size"),
        (["--set", "data.dataset=imagenet"], "Data set"),
        (["--set", "generator_optimizer.learning_rate=NaN"], "Learning rate"),
        (["--seed", "-1"], "Seed"),
        (["--device", "tpu"], "Device"),
        (["--device", "cuda:77"], "cuda:77"),
    ],
)
def test_a_workflow_that_cannot_be_built_starts_no_run(option: list[str], culprit: str, run: Run) -> None:
    code, facts, err = run("train", TEMPLATE, "--steps", 1, *option)
    assert code == 2
    assert culprit in facts["error"]
    assert run("runs")[1] == {"runs": []}


@pytest.mark.parametrize("name", ["../../etc", "/etc/passwd", "20260101-000000-00000000", "", "latest"])
@pytest.mark.parametrize("command", ["sample", "export", "resume"])
def test_a_run_that_is_not_there_is_refused(command: str, name: str, run: Run, tmp_path: Path) -> None:
    arguments = {
        "sample": ["sample", name, "--out", tmp_path / "a.png"],
        "export": ["export", name, "--to", "csv", "--out", tmp_path / "a.csv"],
        "resume": ["train", f"--resume={name}"],
    }
    code, facts, _ = run(*arguments[command])
    assert code == 2
    assert facts["kind"] == ("UnreadableCommand" if (command, name) == ("resume", "") else "UnknownRun")


@pytest.mark.parametrize("out", ["missing/a{}", "folder{}", "a.txt", "a", "{}", "n" * 300 + "{}", "pipe{}"])
@pytest.mark.parametrize(("command", "ending"), [("sample", ".png"), ("export", ".csv")])
def test_an_output_that_cannot_be_written_is_refused(
    command: str, ending: str, out: str, with_run: Run, tmp_path: Path
) -> None:
    (tmp_path / f"folder{ending}").mkdir()
    os.mkfifo(tmp_path / f"pipe{ending}")
    before = sorted(tmp_path.iterdir())
    to = ["--to", "csv"] if command == "export" else []
    code, facts, _ = with_run(command, "latest", *to, "--out", tmp_path / out.format(ending))
    assert (code, facts["kind"]) == (2, "UnusableFile")
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("command", [["runs"], ["train", TEMPLATE, "--steps", 1]], ids=["runs", "train"])
def test_a_home_that_cannot_be_made_is_told_in_a_sentence(
    command: list[object], run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("GENSCOPE_HOME", str(tmp_path / "file" / "home"))
    code, facts, err = run(*command)
    assert (code, facts["kind"]) == (1, "CannotWrite")
    assert "GENSCOPE_HOME" in err and "Traceback" not in err


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser writes anywhere")
def test_a_read_only_home_is_told_in_a_sentence(run: Run, home: Path) -> None:
    home.mkdir(mode=0o500)
    code, facts, _ = run("runs")
    assert (code, facts["kind"]) == (1, "CannotWrite")


def test_without_runs_there_is_a_sentence_on_what_to_do(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["runs"]) == 0
    assert "train" in capsys.readouterr().out


def test_runs_lists_the_newest_first_and_no_more_than_asked(run: Run) -> None:
    assert run("train", TEMPLATE, *SMALL_OPTIONS, "--steps", 1, "--name", "first")[0] == 0
    assert run("train", TEMPLATE, *SMALL_OPTIONS, "--steps", 2, "--name", "second")[0] == 0
    code, facts, _ = run("runs")
    assert code == 0
    assert [(entry["name"], entry["step"], entry["state"]) for entry in facts["runs"]] == [
        ("second", 2, "paused"),
        ("first", 1, "paused"),
    ]
    assert len(run("runs", "--limit", 1)[1]["runs"]) == 1


def test_seed_and_device_are_parameters_of_the_training_node(run: Run) -> None:
    arguments = ("train", TEMPLATE, *SMALL_OPTIONS, "--steps", 3, "--device", "cpu")
    losses = [run(*arguments, "--seed", seed)[1]["metrics"]["D_loss"] for seed in (7, 7, 8)]
    assert losses[0] == losses[1] != losses[2]
    assert {entry["seed"] for entry in run("runs")[1]["runs"]} == {7, 8}


def test_steps_beyond_the_planned_end_move_it(run: Run) -> None:
    code, facts, _ = run("train", TEMPLATE, *SMALL_OPTIONS, "--set", "training.total_steps=2", "--steps", 5)
    assert (code, facts["step"], facts["total_steps"], facts["state"]) == (0, 5, 5, "finished")


def test_a_run_goes_on_from_its_last_checkpoint_to_its_planned_end(run: Run) -> None:
    _, begun, _ = run("train", TEMPLATE, *SMALL_OPTIONS, "--steps", 4)
    code, facts, _ = run("train", "--resume", "latest")
    assert (code, facts["run"], facts["steps"], facts["step"]) == (0, begun["run"], 26, 30)
    assert facts["state"] == "finished"
    code, refusal, _ = run("train", "--resume", begun["run"])
    assert (code, refusal["kind"]) == (2, "RunComplete")
    assert run("runs")[1]["runs"][0]["state"] == "finished"
    assert run("train", "--resume", begun["run"], "--steps", 1)[1]["step"] == 31


def test_a_run_that_somebody_trains_is_left_alone(with_run: Run, trained: Any) -> None:
    with Store(trained[0]) as store:
        record = store.resolve("latest")
        with RunLock(store.files(record.id)):
            code, facts, _ = with_run("train", "--resume", record.id)
        assert (code, facts["kind"]) == (2, "RunLocked")
        assert store.run(record.id) == record


def test_a_node_that_cannot_be_built_fails_the_run_and_the_next_one_starts(run: Run, home: Path) -> None:
    home.mkdir()
    (home / "data").touch()
    code, facts, err = run("train", TEMPLATE, "--steps", 1)
    assert (code, facts["kind"]) == (1, "NodeFailure")
    assert "'data'" in facts["error"] and "Traceback" not in err
    assert run("runs")[1]["runs"][0]["error_node"] == "data"
    assert run("train", TEMPLATE, *SMALL_OPTIONS, "--steps", 1)[0] == 0


def test_ctrl_c_finishes_the_step_and_saves(run: Run, home: Path) -> None:
    threading.Timer(3.0, os.kill, [os.getpid(), signal.SIGINT]).start()
    code, facts, err = run("train", TEMPLATE, *SMALL_OPTIONS, "--steps", 1_000_000)
    assert code == 130
    assert facts["state"] == "paused"
    assert f"--resume {facts['run']}" in err
    with Store(home) as store:
        assert store.files(facts["run"]).checkpoints()[-1][0] == facts["step"] == store.run(facts["run"]).step


def test_sigterm_ends_the_process_with_everything_saved(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pipeline", "train", str(TEMPLATE), *SMALL_OPTIONS, "--steps", "1000000", "--json"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, env=environment(tmp_path), **pipes) as process:
        assert process.stderr is not None
        process.stderr.readline()
        process.terminate()
        out, _ = process.communicate(timeout=120)
    facts = only_object(out)
    assert process.returncode == 143
    with Store(tmp_path) as store:
        assert store.run(facts["run"]).state == "paused"
        assert store.files(facts["run"]).checkpoints()[-1][0] == facts["step"]


def test_the_same_sample_gives_the_same_picture_twice(with_run: Run, tmp_path: Path) -> None:
    pictures = []
    for name in ("a.png", "b.png"):
        code, facts, _ = with_run("sample", "latest", "--count", 9, "--seed", 3, "--out", tmp_path / name)
        assert (code, facts["step"], facts["count"]) == (0, 10, 9)
        pictures.append((tmp_path / name).read_bytes())
    assert pictures[0] == pictures[1]
    assert document.read_png(pictures[0]).name == "mlp-gan"


def test_samples_as_arrays_take_the_place_of_an_older_file(with_run: Run, tmp_path: Path) -> None:
    out = tmp_path / "samples.npz"
    out.write_text("older")
    assert with_run("sample", "latest", "--count", 5, "--step", 0, "--weights", "raw", "--out", out)[0] == 0
    with np.load(out) as archive:
        assert (archive["images"].shape, archive["images"].dtype) == ((5, 8, 8, 1), np.uint8)
    assert list(tmp_path.glob("*")) == [out]


@pytest.mark.parametrize(
    "option",
    [["--count", 0], ["--count", 10**9], ["--seed", -1], ["--step", 7], ["--step", -1], ["--device", "cuda:77"]],
)
def test_a_sample_that_cannot_be_drawn_is_refused(option: list[object], with_run: Run, tmp_path: Path) -> None:
    code, facts, err = with_run("sample", "latest", *option, "--out", tmp_path / "a.png")
    assert code == 2
    assert err == facts["error"] + "\n"
    assert not (tmp_path / "a.png").exists()


def test_a_csv_has_the_step_and_a_column_a_metric(with_run: Run, tmp_path: Path) -> None:
    code, facts, _ = with_run("export", "latest", "--to", "csv", "--out", tmp_path / "run.csv")
    assert (code, facts["steps"]) == (0, 10)
    with (tmp_path / "run.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["step"]) for row in rows] == list(range(1, 11))
    assert rows[0].keys() >= METRICS


def test_a_grid_brings_its_workflow_back(with_run: Run, tmp_path: Path) -> None:
    assert with_run("sample", "latest", "--count", 4, "--out", tmp_path / "grid.png")[0] == 0
    assert with_run("check", tmp_path / "grid.png")[1]["ok"] is True


def test_a_fault_of_ours_still_ends_with_one_object(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(_: object) -> Any:
        """Does what no command should."""
        raise RuntimeError("wires crossed")

    monkeypatch.setitem(command_line.COMMANDS, "nodes", (lambda parser: None, break_down))
    code, facts, err = run("nodes")
    assert (code, facts["kind"]) == (1, "RuntimeError")
    assert "Traceback" in err and "wires crossed" in facts["error"]

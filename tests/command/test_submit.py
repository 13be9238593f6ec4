"""`submit`: jobs are checked, handed to a cluster's queue, listed and cancelled."""

import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.__main__ import main
from pipeline.command.job_worker import _arguments
from pipeline.launch.jobs import open_job
from pipeline.runs.home import home as make_home
from pipeline.runs.store import Store
from tests.fake_slurm import NUMBER, FakeSlurm

Run = Callable[..., tuple[int, dict[str, Any], str]]


@pytest.fixture
def slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSlurm:
    return FakeSlurm(tmp_path / "slurm", monkeypatch, "cpu", "gpu", "long")


@pytest.fixture
def no_slurm(monkeypatch: pytest.MonkeyPatch) -> None:
    """No cluster, whatever the machine of the tests has."""
    found = shutil.which
    monkeypatch.setattr(
        shutil, "which", lambda name, *rest, **more: None if name == "srun" else found(name, *rest, **more)
    )


FIELDS = ("--partition", "gpu", "--account", "lab", "--qos", "high", "--nodes", "2", "--tasks", "4", "--gpus", "4",
          "--cpus", "6", "--memory", "64", "--minutes", "90", "--notice", "200", "--constraint", "h100&ib",
          "--comment", "for the paper", "--sbatch", "exclude=node7")  # fmt: skip


def test_the_batch_file_holds_every_field_and_no_password_and_nothing_stays_of_a_dry_run(
    run: Run, small: Path, slurm: FakeSlurm, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENSCOPE_DATABASE_URL", f"sqlite:///{home.parent}/swordfish.sqlite")
    code, facts, _ = run("submit", small, *FIELDS, "--dry-run")
    assert code == 0 and not slurm.submitted
    lines = facts["batch_file"].splitlines()
    for option in (
        "partition=gpu", "account=lab", "qos=high", "nodes=2", "ntasks-per-node=4", "gpus-per-node=4",
        "cpus-per-task=6", "mem=64GB", "time=90", "signal=USR2@200", "constraint='h100&ib'", "comment='for the paper'",
        "exclude=node7", "job-name=small",
    ):  # fmt: skip
        assert f"#SBATCH --{option}" in lines
    assert f"export GENSCOPE_HOME={home}" in lines and "swordfish" not in facts["batch_file"]
    assert list((home / "jobs").iterdir()) == []


def test_a_submitted_job_is_private_listed_with_its_reason_and_cancelled(
    run: Run, small: Path, slurm: FakeSlurm, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENSCOPE_DATABASE_URL", f"sqlite:///{home.parent}/swordfish.sqlite")
    code, facts, _ = run("submit", small, "--name", "mine", "--tasks", 2, "--seed", 3)
    assert (code, facts["number"], facts["cluster"], facts["processes"]) == (0, NUMBER, "slurm", 2)
    job = open_job(home, NUMBER)
    assert {oct(path.stat().st_mode & 0o777) for path in (job.path, job.path.parent)} == {"0o700"}
    call = (job.path / f"{NUMBER}_submitted.pkl").read_bytes()
    assert b"swordfish" not in call and pickle.loads(call).function.job == facts["job"]
    assert json.loads((job.path / "workflow.json").read_text())["name"] == "mine"

    listed = lambda: run("submit", "--list")[1]["jobs"][0]  # noqa: E731 - read again and again
    slurm.queue("PENDING", "Resources")
    assert (listed()["state"], listed()["reason"]) == ("waiting", "It waits until nodes are free.")
    slurm.queue("RUNNING", where="node[3-4]")
    assert (listed()["state"], listed()["where"]) == ("running", "node[3-4]")
    slurm.queue(None)
    assert (listed()["state"], listed()["reason"]) == ("unknown", "The queue does not answer.")
    code, refused, _ = run("submit", "--logs", NUMBER)
    assert (code, refused["logs"][0]["lines"]) == (0, [])
    slurm.queue("RUNNING")
    assert run("submit", "--cancel", facts["job"])[0] == 0 and slurm.cancelled == NUMBER
    slurm.queue("CANCELLED")
    assert (listed()["state"], run("submit", "--cancel", "latest")[1]["kind"]) == ("cancelled", "JobOver")


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        (("--partition", "gpus"), "UnknownPartition", "'gpus', did you mean 'gpu'? It has: cpu, gpu, long."),
        (("--partition", "gpu\n#SBATCH --wrap=id"), "UnfitResources", "Partition cannot be"),
        (("--nodes", "0"), "UnfitResources", "Nodes is 0. Choose a number from 1 to 1,024."),
        (("--nodes", "-1"), "UnfitResources", "Choose a number from 1"),
        (("--nodes", "two"), "UnfitResources", "Nodes cannot be 'two'. Choose a whole number from 1 to 1,024."),
        (("--gpus", "1.5"), "UnfitResources", "cannot be '1.5'. Choose a whole number from 0 to 64."),
        (("--memory", "12x"), "UnfitResources", "cannot be '12x'. Choose a number from 0 to 65,536."),
        (("--memory", "nan"), "UnfitResources", "Memory in GB"),
        (("--minutes", "1e9"), "UnfitResources", "Time limit in minutes"),
        (("--minutes", "1", "--notice", "60"), "UnfitResources", "as long as the time limit"),
        (("--tasks", "2", "--gpus", "3"), "UnfitResources", "2 tasks cannot share equally"),
        (("--tasks", "3"), "BatchNotShared", "A batch of 8 images cannot be shared equally by 3 processes"),
        (("--tasks", "16"), "BatchNotShared", "too few images for 16 processes"),
        (("--comment", "a\nb"), "UnfitResources", "characters that cannot be seen"),
        (("--sbatch", "wrap=id"), "UnfitResources", "'wrap=id' is set by Genscope itself"),
        (("--sbatch", "exclude"), "UnfitResources", "not of the form KEY=VALUE"),
        (("--sbatch", "a=b\n#SBATCH"), "UnfitResources", "not of the form KEY=VALUE"),
        (("--set", "training.batch_size=many"), "InvalidWorkflow", "Batch size is 'many'"),
        (("--step", "3"), "UnreadableCommand", "--step can only be used with --fork"),
        (("--cluster", "moon"), "UnreadableCommand", "moon"),
    ],
)  # fmt: skip
def test_what_no_job_can_have_is_refused_with_a_sentence_before_anything_is_kept(
    options: tuple[str, ...], kind: str, words: str, run: Run, small: Path, slurm: FakeSlurm, home: Path
) -> None:
    code, facts, _ = run("submit", small, *options)
    assert (code, facts["kind"]) == (2, kind) and words in facts["error"]
    assert not slurm.submitted and not home.exists()


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        (("--resume", "latest"), "UnknownRun"),
        (("--resume", "../../etc"), "UnknownRun"),
        (("--fork", "latest"), "UnknownRun"),
        (("--cancel", "7"), "UnknownJob"),
        (("--cancel", ""), "UnknownJob"),
        (("--logs", ""), "UnknownJob"),
        (("--logs", "../.."), "UnknownJob"),
        (("--logs", "latest"), "UnknownJob"),
        (("--list", "--tasks", "2"), "UnreadableCommand"),
        ((), "UnreadableCommand"),
    ],
)
def test_what_does_not_exist_is_refused(
    options: tuple[str, ...], kind: str, run: Run, slurm: FakeSlurm, home: Path
) -> None:
    assert run("submit", *options)[1]["kind"] == kind
    assert not home.exists()


def test_the_help_says_each_resource_in_a_phrase_with_its_usual_value(capsys: pytest.CaptureFixture[str]) -> None:
    main(["submit", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert "--memory N memory in GB: of each node; 0 for the usual amount --minutes" in said
    assert "--tasks N tasks per node: processes on each node, one for each GPU (default: the workflow's pro" in said
    assert "--qos TEXT QoS: quality of service --nodes N nodes: machines that train together (default: 1)" in said


def test_what_the_cluster_refuses_is_repeated_and_leaves_no_job(
    run: Run, small: Path, slurm: FakeSlurm, home: Path
) -> None:
    slurm.refuse("sbatch: error: Batch job submission failed: Invalid qos specification")
    code, facts, _ = run("submit", small)
    assert (code, facts["kind"]) == (1, "NotSubmitted") and "Invalid qos specification" in facts["error"]
    assert run("submit", "--list")[1]["jobs"] == []


def test_where_there_is_no_slurm_a_job_for_it_is_refused_and_others_stay_on_this_machine(
    run: Run, small: Path, no_slurm: None, home: Path
) -> None:
    assert run("submit", small, "--cluster", "slurm")[1]["kind"] == "NoSlurm"
    code, facts, said = run("submit", small, "--dry-run")
    assert (code, facts["batch_file"]) == (0, "") and "so the job runs on this machine" in said
    code, facts, _ = run("submit", small, "--nodes", 2)
    assert "this machine is one" in facts["error"] and not home.exists()
    assert "is for Slurm" in run("submit", small, "--partition", "gpu")[1]["error"]


def test_a_folder_that_others_may_open_holds_no_job(run: Run, small: Path, slurm: FakeSlurm, home: Path) -> None:
    make_home()
    (home / "jobs").mkdir(mode=0o755)
    (home / "jobs").chmod(0o755)
    code, facts, _ = run("submit", small)
    assert (code, facts["kind"]) == (1, "OpenJobFolder") and "chmod 700" in facts["error"]
    (home / "jobs").rmdir()
    (home / "elsewhere").mkdir(mode=0o700)
    (home / "jobs").symlink_to(home / "elsewhere")
    assert run("submit", small)[1]["kind"] == "OpenJobFolder" and not slurm.submitted


def test_a_run_that_trains_is_not_submitted_a_second_time(run_at_home: Run, trained: Any, slurm: FakeSlurm) -> None:
    from pipeline.runs.lock import RunLock

    with Store(trained.home) as store:
        record = store.resolve("latest")
        with RunLock(store.files(record.id)):
            assert run_at_home("submit", "--resume", record.id)[1]["kind"] == "RunLocked"
        code, facts, _ = run_at_home("submit", "--resume", record.id, "--steps", 5)
        assert (code, facts["run"]) == (0, record.id)
        job = open_job(trained.home, facts["job"])
        assert (job.goal, job.arguments) == (record.step + 5, ("--resume", record.id))
        shutil.rmtree(job.path)


def test_a_job_for_a_fork_reads_the_options_that_it_was_given(run_at_home: Run, trained: Any, slurm: FakeSlurm) -> None:
    given = ("--name=--best", "--seed=3", "--set=generator_optimizer.learning_rate=1e-4")
    code, facts, _ = run_at_home("submit", "--fork", "latest", *given)
    assert code == 0
    job = open_job(trained.home, facts["job"])
    found = _arguments(list(job.arguments))
    assert (found.name, found.seed, found.set) == ("--best", 3, ["generator_optimizer.learning_rate=1e-4"])
    shutil.rmtree(job.path)


def test_a_damaged_record_of_a_job_is_left_out_of_lists_and_named_when_asked_for(run: Run, home: Path) -> None:
    folder = make_home() / "jobs" / "20261130-060113-0ef608fb"
    folder.mkdir(parents=True, mode=0o700)
    whole = {"id": folder.name, "home": "", "arguments": [], "name": "x", "cluster": "slurm", "processes": 1}
    wrong = ({"resources": {"tasks": "x"}}, {"name": 3}, {"id": "20261130-060113-0ef608fc"}, {"cluster": "moon"})
    for text in ("", "{", "[]", '{"id": 3}', *(json.dumps(whole | each) for each in wrong)):
        (folder / "submission.json").write_text(text)
        assert run("submit", "--list")[1] == {"jobs": []}
    assert run("submit", "--logs", folder.name)[1]["kind"] == "UnreadableJob"
    (folder / "submission.json").write_text(json.dumps(whole))
    assert [job["job"] for job in run("submit", "--list")[1]["jobs"]] == [folder.name]

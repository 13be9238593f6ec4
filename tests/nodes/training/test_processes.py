"""How many processes may train a run: those that share its batch equally; more than the machine has room for are warned
of."""

from dataclasses import replace

import pytest

from pipeline.graph import document, edit
from pipeline.graph.check import Report, check
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.checked_workflow import check_workflow
from pipeline.nodes.training import processes
from pipeline.nodes.workflow_changes import changes_between
from pipeline.studio import workflows

TEMPLATES = ("dcgan", "vae", "ddpm", "latent-diffusion")


def checked(*settings: str, template: str = "dcgan") -> Report:
    workflow = workflows.open_template(template)
    return check(edit.apply_settings(workflow, ["training.device=cpu", *settings], NODES), NODES)


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_training_node_says_how_many_processes_train(template: str) -> None:
    workflow = edit.apply_settings(workflows.open_template(template), ["training.processes=2"], NODES)
    assert check_workflow(workflow).training.processes == 2


def test_a_workflow_of_an_earlier_version_trains_in_one_process_and_does_not_differ_from_one_that_says_so() -> None:
    after = workflows.open_template("dcgan")
    training = after.nodes["training"]
    older = replace(training, inputs={name: value for name, value in training.inputs.items() if name != "processes"})
    before = replace(after, nodes={**after.nodes, "training": older})
    assert check_workflow(before).training.processes == 1
    assert changes_between(before, after, check(after, NODES)) == []
    assert document.read(document.write(after), "The workflow") == after


@pytest.mark.parametrize(
    ("batch", "count", "said", "mended"),
    [
        (64, 3, "A batch of 64 images cannot be shared equally by 3 processes. Set the batch size to 63 or 66, or the "
         "processes to 1 or 2.", 63),
        (4, 6, "Batch size is 4, too few images for 6 processes: each needs one. Set the batch size to 6, or the "
         "processes to 1, 2 or 4.", 6),
        (4094, 4, "A batch of 4,094 images cannot be shared equally by 4 processes. Set the batch size to 4,092 or "
         "4,096, or the processes to 1 or 2.", 4092),
    ],
)  # fmt: skip
def test_a_batch_that_does_not_divide_is_refused_with_the_sizes_that_would(
    batch: int, count: int, said: str, mended: int
) -> None:
    (problem,) = checked(f"training.batch_size={batch}", f"training.processes={count}").problems
    assert (problem.message, problem.input_name, problem.wanted) == (said, "batch_size", mended)


def test_apples_gpu_trains_with_one_process() -> None:
    (problem,) = checked("training.processes=2", "training.device=mps").problems
    assert "On mps, one process trains a run." in problem.message


@pytest.mark.parametrize(
    ("device", "cores", "gpus", "count", "said"),
    [
        ("cpu", 2, 8, 4, "this machine has 2 CPU cores"),
        ("cpu", 4, 0, 4, ""),
        ("auto", 1, 0, 2, "this machine has 1 CPU core:"),
        ("auto", 1, 2, 2, ""),
        ("cuda", 64, 2, 4, "this machine has 2 GPUs"),
        ("cuda", 64, 0, 4, ""),
        ("cpu", 1, 0, 1, ""),
    ],
)
def test_more_processes_than_cores_or_gpus_are_warned_of(
    monkeypatch: pytest.MonkeyPatch, device: str, cores: int, gpus: int, count: int, said: str
) -> None:
    monkeypatch.setattr(processes, "available_cpus", lambda: cores)
    monkeypatch.setattr(processes, "gpu_count", lambda: gpus)
    report = checked(f"training.device={device}", f"training.processes={count}")
    found = [each for each in report.warnings if "processes" in each.message]
    assert report.ok and len(found) == (1 if said else 0)
    if found:
        assert said in found[0].message and found[0].mend and found[0].mend.words == "Sets processes of Training to 1."

"""What a job asks for, where a workflow says how many processes train it."""

import pytest

from pipeline.errors.launch import UnfitResources
from pipeline.launch.resources import resources


@pytest.mark.parametrize(
    ("processes", "given", "tasks"),
    [
        (4, {}, 4),
        (4, {"nodes": "2"}, 2),
        (1, {"nodes": 2}, 1),
        (4, {"tasks": 1}, 1),
        (4, {"nodes": None, "tasks": None}, 4),
    ],
)
def test_the_nodes_share_the_processes_of_the_workflow_unless_the_tasks_are_given(
    processes: int, given: dict[str, object], tasks: int
) -> None:
    assert resources(processes, **given).tasks == tasks


@pytest.mark.parametrize(
    ("processes", "given", "sentence"),
    [
        (100, {}, "Tasks per node is 100. Choose a number from 1 to 64."),
        (1, {"comment": "x" * 201}, "Comment is too long. Use at most 200 characters."),
        (1, {"partition": "a b"}, "Partition cannot be 'a b'. Use letters, digits and the characters"),
    ],
)
def test_what_no_job_can_have_is_refused(processes: int, given: dict[str, object], sentence: str) -> None:
    with pytest.raises(UnfitResources, match=sentence):
        resources(processes, **given)

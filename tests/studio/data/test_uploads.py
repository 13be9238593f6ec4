"""Before an upload is deleted, the user sees which saved workflows and runs use it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.data.files.opening import UPLOADS
from pipeline.graph import document
from pipeline.graph.workflow import Workflow
from pipeline.runs.store import RunRecord, Store
from pipeline.studio import workflows
from pipeline.studio.data.data_nodes import replace_data
from pipeline.studio.data.datasets import DataChoice
from pipeline.studio.data.uploads import Uses, uses_of
from tests.data.files.pictures import png, write

NAME = 'holiday "é".zip'


@pytest.fixture
def on_upload(home: Path) -> Callable[[str], Workflow]:
    """`on_upload(source)`: a workflow whose data node reads `source`."""
    write(home / UPLOADS / NAME, {"1.png": png()})
    return lambda source: replace_data(workflows.open_template("dcgan"), DataChoice(source, 28)).workflow


def test_workflows_and_runs_that_use_an_upload_are_found_by_name_and_by_path(
    on_upload: Callable[[str], Workflow], home: Path, store: Store, new_run: Callable[..., RunRecord]
) -> None:
    workflows.save(home, on_upload(NAME), "by name")
    workflows.save(home, on_upload(str(home / UPLOADS / NAME)), "by path")
    workflows.save(home, workflows.open_template("dcgan"), "none")
    run = new_run(workflow_text=document.write(on_upload(NAME)))
    new_run(workflow_text=document.write(on_upload("other.zip")))
    new_run(workflow_text=f"{{ no workflow, but {NAME}")
    found = uses_of(NAME, home, store)
    assert sorted(found.workflows) == ["by name", "by path"]
    assert found.runs == (run.id,)
    assert uses_of("other.zip", home, store) == Uses((), ())

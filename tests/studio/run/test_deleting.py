"""What a deletion would delete, what stays, and what prevents it."""

import os
from collections.abc import Callable

import pytest
from sqlalchemy import insert

from pipeline.data.files.opening import UPLOADS
from pipeline.errors.runs import RunInUse, UnknownRun
from pipeline.graph import document
from pipeline.nodes.stored_autoencoder import FOLDER, RUN
from pipeline.runs import drafts, schema
from pipeline.runs.drafts import DraftRecord, new_draft_id
from pipeline.runs.lock import RunLock
from pipeline.runs.store import RunRecord, Store
from pipeline.studio import workflows
from pipeline.studio.data.data_nodes import replace_data
from pipeline.studio.data.datasets import DataChoice
from pipeline.studio.run.deleting import delete, plan
from tests.data.files.pictures import png, write
from tests.families.diffusion.workflows import small_on_trained

NewRun = Callable[..., RunRecord]
PHOTOS = "photos.zip"


def fill(store: Store, run: RunRecord, count: int) -> None:
    (store.files(run.id).folder / "grids" / "step-000000001.png").write_bytes(bytes(count))


def wait_in_queue(store: Store, text: str, state: str = "waiting") -> None:
    facts = {"place": 0, "name": "later", "who": "", "created": 0, "state": state}
    with store.database.writing() as connection:
        connection.execute(insert(schema.queue).values(id=state, workflow_text=text, **facts))


def keep_copy(store: Store, run: str, step: int) -> None:
    folder = store.home / FOLDER / f"{run}-step-{step:09d}"
    folder.mkdir(parents=True)
    (folder / RUN).write_text("{}")


def test_a_plan_says_the_bytes_and_the_forks_that_stay_and_the_deletion_frees_them(
    store: Store, new_run: NewRun
) -> None:
    parent, other = new_run(name="parent"), new_run(name="other")
    fork, stays = (new_run(name=name, parent=parent.id, parent_step=2) for name in ("fork", "stays"))
    fill(store, parent, 300)
    fill(store, fork, 40)
    found = plan(store, [parent.id, fork.id, parent.id])
    assert ([each.name for each in found.runs], found.bytes) == (["parent", "fork"], 340)
    assert found.forks == (stays,)
    assert delete(store, found) == 340
    assert {each.name for each in store.recent()} == {"other", "stays"}
    with pytest.raises(UnknownRun):
        plan(store, [other.id, fork.id])


def test_a_run_that_is_loaded_is_kept(store: Store, new_run: NewRun) -> None:
    run = new_run()
    with RunLock(store.files(run.id)), pytest.raises(RunInUse, match=f"process {os.getpid()}"):
        plan(store, [run.id])


@pytest.mark.parametrize(
    ("named", "copied", "kept"), [(0, (), True), (0, (5,), False), (6, (5,), True), (6, (6,), False)]
)
def test_the_run_of_an_autoencoder_is_kept_while_another_run_has_no_copy_of_it(
    store: Store, new_run: NewRun, named: int, copied: tuple[int, ...], kept: bool
) -> None:
    autoencoder = new_run(name="latents")
    text = document.write(small_on_trained(autoencoder.id, f"autoencoder.step={named}"))
    user = new_run(name="denoiser", workflow_text=text)
    new_run(workflow_text=f'{{"description": "after {autoencoder.id}"}}')
    for step in copied:
        keep_copy(store, autoencoder.id, step)
    if kept:
        with pytest.raises(RunInUse, match=rf"{user.id} \(denoiser\) takes its autoencoder from it"):
            plan(store, [autoencoder.id])
        assert plan(store, [autoencoder.id, user.id]).forks == ()
    else:
        delete(store, plan(store, [autoencoder.id]))


def test_the_run_of_an_autoencoder_is_kept_for_who_waits_in_the_queue(store: Store, new_run: NewRun) -> None:
    autoencoder = new_run()
    text = document.write(small_on_trained(autoencoder.id))
    wait_in_queue(store, text, "cancelled")
    plan(store, [autoencoder.id])
    wait_in_queue(store, text)
    with pytest.raises(RunInUse, match="'later', which waits in the queue"):
        plan(store, [autoencoder.id])


@pytest.fixture
def on_photos(store: Store, new_run: NewRun, monkeypatch: pytest.MonkeyPatch) -> str:
    """The workflow text of a run that reads the upload `photos.zip`, beside which another upload is kept."""
    monkeypatch.setenv("GENSCOPE_HOME", str(store.home))
    for name in (PHOTOS, "unused.zip"):
        write(store.home / UPLOADS / name, {"1.png": png()})
    return document.write(replace_data(workflows.open_template("dcgan"), DataChoice(PHOTOS, 28)).workflow)


def test_uploads_are_kept_unless_they_are_asked_for_too(store: Store, new_run: NewRun, on_photos: str) -> None:
    first, second = new_run(workflow_text=on_photos), new_run(workflow_text=on_photos)
    delete(store, plan(store, [first.id]))
    found = plan(store, [second.id], uploads=True)
    assert [each.name for each in found.uploads] == [PHOTOS]
    assert delete(store, found) == found.bytes == found.size + found.uploads[0].size > 0
    assert [path.name for path in (store.home / UPLOADS).iterdir()] == ["unused.zip"]


@pytest.mark.parametrize("user", ["a run", "a run that cannot be read", "the queue", "a workflow", "a draft"])
def test_an_upload_that_something_else_uses_is_kept(store: Store, new_run: NewRun, on_photos: str, user: str) -> None:
    run = new_run(workflow_text=on_photos)
    match user:
        case "a run":
            new_run(workflow_text=on_photos)
        case "a run that cannot be read":
            new_run(workflow_text=f"of a newer version: {PHOTOS}")
        case "the queue":
            wait_in_queue(store, on_photos)
        case "a workflow":
            workflows.save(store.home, document.read(on_photos, "it"), "saved")
        case "a draft":
            drafts.write(store.home, DraftRecord(new_draft_id()), on_photos)
    assert plan(store, [run.id], uploads=True).uploads == ()

import os
import socket

import pytest

from pipeline.errors.runs import UnknownCheckpoint, UnknownRun
from pipeline.graph import document
from pipeline.runs import lock, pause_requests
from pipeline.runs.lock import RunLock
from pipeline.runtime.messages.snapshot import RewindStatus, Snapshot
from pipeline.studio.run import history
from tests.families.diffusion.workflows import small_latent


def test_events_are_listed_newest_first(store, new_run):
    run = new_run().id
    store.add_event(run, 0, "started", "Started on cpu", "Ada")
    store.add_event(run, 1200, "paused", "Paused at step 1,200", "Bob")
    table = history.event_table(store, run).to_pandas()
    assert table.columns.tolist() == ["Step", "When", "Who", "What"]
    assert table.to_numpy().tolist() == [
        [1200, "just now", "Bob", "Paused at step 1,200"],
        [0, "just now", "Ada", "Started on cpu"],
    ]
    assert history.event_table(store, run, limit=1)["Step"].to_pylist() == [1200]


def test_a_run_without_events_has_an_empty_table_with_its_columns(store, new_run):
    table = history.event_table(store, new_run().id)
    assert table.num_rows == 0 and table.column_names == ["Step", "When", "Who", "What"]


def test_checkpoints_are_listed_newest_first(store, new_run):
    run = new_run().id
    for step in (0, 40, 1000):
        store.files(run).checkpoint_folder(step).mkdir()
    assert history.checkpoint_steps(store, run) == [1000, 40, 0]


def test_a_checkpoint_that_is_saved_again_has_another_time(store, new_run):
    run = new_run().id
    folder = store.files(run).checkpoint_folder(40)
    folder.mkdir()
    first = history.checkpoint_time(store, run, 40)
    os.utime(folder, (first + 1, first + 1))
    assert history.checkpoint_time(store, run, 40) == pytest.approx(first + 1)
    with pytest.raises(UnknownCheckpoint, match="has no checkpoint at step 50; it has checkpoints at steps 40"):
        history.checkpoint_time(store, run, 50)


@pytest.mark.parametrize(
    ("recorded", "shown"),
    [
        ("running", "paused"), ("interrupted", "paused"), ("paused", "paused"), ("finished", "finished"),
        ("failed", "failed"),
    ],
)  # fmt: skip
def test_a_run_without_a_process_never_appears_to_be_running(store, new_run, recorded, shown):
    run = new_run().id
    store.update(run, state=recorded)
    now = history.stored_snapshot(store, run)
    assert now.state == shown and not now.busy


def test_a_stored_run_has_the_snapshot_that_its_engine_would_send(store, new_run):
    run = new_run(total_steps=500).id
    store.update(run, state="failed", step=120, seconds=8.5, images_per_second=900.0, error_node="data", error="No.")
    store.files(run).checkpoint_folder(100).mkdir()
    store.files(run).save_grid(50, b"older")
    store.files(run).save_grid(100, b"newest")
    assert history.stored_snapshot(store, run) == Snapshot(
        engine="ready", state="failed", run=run, name="digits", who="Ada", device="cpu", step=120, total_steps=500,
        seconds=8.5, images_per_second=900.0, saved=100, active="data", error="No.", samples_step=100,
        samples=b"newest", head=120, rewind=RewindStatus(checkpoints=(100,)),
        version=history.stored_snapshot(store, run).version,
    )  # fmt: skip


@pytest.fixture
def held(store, new_run):
    """A run that a live process is training."""
    run = new_run().id
    with RunLock(store.files(run)):
        store.update(run, state="running", step=120, images_per_second=900.0)
        yield run


def test_a_run_that_another_process_trains_is_shown_as_running(store, held):
    now = history.stored_snapshot(store, held)
    process = f"process {os.getpid()} on {socket.gethostname()}"
    assert (now.state, now.step, now.held_by, now.busy) == ("running", 120, process, True)
    assert (now.doing, now.who) == (f"Training on cpu in {process}, started", "Ada")
    assert [record.id for record in history.running_elsewhere(store, "")] == [held]
    assert history.running_elsewhere(store, held) == []


def test_its_time_is_left_until_the_step_at_which_that_process_pauses(store, held):
    assert history.stored_snapshot(store, held).until is None
    lock.aim(store.files(held), 200)
    told = history.progress(store.run(held), history.stored_snapshot(store, held))
    assert told.sentence == "Step 120 of 3,000 · this chunk ends at 200"
    # 80 steps of 64 images, at 900 a second.
    assert told.left == "under 10 s"


def test_a_request_to_pause_is_shown_until_it_is_withdrawn(store, held):
    pause_requests.request_pause(store.files(held), "Bob")
    now = history.stored_snapshot(store, held)
    assert (now.state, now.doing, now.who) == ("running", "Asked to pause", "Bob")
    pause_requests.withdraw(store.files(held))
    assert history.stored_snapshot(store, held).who == "Ada"


def test_a_paused_run_that_a_live_process_has_open_is_held(store, held):
    store.update(held, state="paused")
    now = history.stored_snapshot(store, held)
    assert (now.state, now.busy, now.held_by != "") == ("paused", False, True)
    assert history.running_elsewhere(store, "") == []


def test_the_mark_changes_with_the_state_of_a_run_but_not_with_its_steps(store, new_run):
    run = new_run().id
    marks = [history.stored_mark(store, run)]

    def note():
        assert history.stored_snapshot(store, run).mark == history.stored_mark(store, run)
        marks.append(history.stored_mark(store, run))

    with RunLock(store.files(run)):
        note()
        store.update(run, state="running", step=1)
        note()
        store.update(run, state="running", step=200)
        assert history.stored_mark(store, run) == marks[-1]
        pause_requests.request_pause(store.files(run), "Bob")
        note()
        pause_requests.withdraw(store.files(run))
        store.update(run, state="paused")
        store.add_event(run, 200, "paused", "Paused at step 200", "Bob")
        note()
    note()
    assert len(set(marks)) == len(marks)


def test_a_run_without_files_has_a_snapshot_too(store, new_run):
    now = history.stored_snapshot(store, new_run().id)
    assert (now.saved, now.samples, now.samples_step, now.error) == (None, b"", 0, "")


@pytest.fixture
def moving(new_run):
    """A running run with 64 images a step and 640 a second: ten steps a second, a hundred steps an epoch."""
    run = new_run()
    return Snapshot(
        engine="ready", state="running", run=run.id, step=1500, total_steps=3000, seconds=150.4, images_per_second=640.0
    )


def replaced(snapshot, **changes):
    return Snapshot(**{**vars(snapshot), **changes})


def test_progress_in_words(store, moving):
    assert history.progress(store.run(moving.run), moving) == history.RunProgress(
        epoch="15.0",
        speed="640",
        time="2 min 30 s",
        left="2–3 min",
        share=0.5,
        sentence="Step 1,500 of 3,000",
        moving=True,
    )


def test_during_a_chunk_the_remaining_time_is_that_of_the_chunk(store, moving):
    told = history.progress(store.run(moving.run), replaced(moving, until=1520))
    assert told.sentence == "Step 1,500 of 3,000 · this chunk ends at 1,520"
    assert (told.left, told.share) == ("under 10 s", 0.5)


@pytest.mark.parametrize("changes", [{"state": "paused"}, {"engine": "gone"}, {"images_per_second": 0.0}])
def test_a_run_that_is_not_running_has_no_remaining_time(store, moving, changes):
    told = history.progress(store.run(moving.run), replaced(moving, **changes))
    assert (told.left, told.moving) == ("–", False)


def test_the_share_is_at_most_1(store, moving):
    assert history.progress(store.run(moving.run), replaced(moving, step=4000)).share == 1.0
    assert history.progress(store.run(moving.run), replaced(moving, step=0, total_steps=0)).share == 0.0


def test_the_table_of_runs(store, new_run):
    first, second = new_run(name="first"), new_run(name="second", who="")
    table = history.table(store.recent())
    assert table["Name"].tolist() == ["second", "first"]
    assert table["Run"].tolist() == [second.id, first.id]
    row = table.iloc[1]
    assert (row["State"], row["Step"], row["Of"], row["By"]) == ("paused", 0, 3000, "Ada")
    # Whole numbers, which the page writes with thousands separators.
    assert table["Images/s"].dtype == int
    assert row["Started"].timestamp() == pytest.approx(first.created, abs=1e-3)


@pytest.mark.parametrize("run", ["../../etc", "20200101-000000-00000000"])
def test_history_of_an_unknown_run_is_refused(store, run):
    for ask in (history.event_table, history.stored_snapshot):
        with pytest.raises(UnknownRun):
            ask(store, run)


def test_in_a_phase_the_remaining_time_is_that_of_the_phase(store, new_run):
    run = new_run(workflow_text=document.write(small_latent("training.total_steps=3000")), total_steps=3000)
    begun = Snapshot(
        engine="ready", state="running", run=run.id, step=2, total_steps=3000, seconds=1.0, images_per_second=640.0
    )
    told = history.progress(run, begun)
    assert told.sentence == "Step 2 of 3,000 · autoencoder, step 2 of 6" and told.of_phase
    assert told.left == "under 10 s"
    later = history.progress(run, replaced(begun, step=1506))
    assert later.sentence == "Step 1,506 of 3,000 · denoiser, step 1,500 of 2,994" and not later.of_phase
    assert later.left == "2–3 min"


def test_what_the_next_step_waits_for_is_part_of_the_sentence(store, moving):
    told = history.progress(store.run(moving.run), replaced(moving, preparing="Encoding images 256 of 1,797"))
    assert told.sentence == "Step 1,500 of 3,000 · encoding images 256 of 1,797"

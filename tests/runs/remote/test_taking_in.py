"""Files that come twice, out of order, damaged, from elsewhere, or for a run that is no longer there."""

import json
import os
import shutil
import time
from pathlib import Path

import pytest

from pipeline.errors.machine import CannotWrite
from pipeline.runs import metrics
from pipeline.runs.deletion import delete_runs
from pipeline.runs.remote import numbered_file, taking_in
from pipeline.runs.remote.job_folder import JobFolder, worker_url
from pipeline.runs.remote.preparing import prepare
from pipeline.runs.remote.taking_in import take_in
from pipeline.runs.store import Store
from tests.runs.remote.conftest import JOB, rows


def files(job: JobFolder) -> list[Path]:
    return sorted(job.outbox.iterdir())


def record(worker: Store, run: str, count: int, first: int = 1) -> None:
    """Make `count` files, each with a step."""
    for step in range(first, first + count):
        metrics.append(worker, run, step, ["loss"], [[step]])


def test_a_file_that_comes_again_is_taken_in_once(store: Store, run: str, worker: Store, job: JobFolder) -> None:
    worker.add_event(run, 1, "paused", "", "")
    again = files(job)[0].read_bytes()
    assert take_in(store).files == 1
    files_of = job.outbox / "000000001.json"
    files_of.write_bytes(again)
    assert take_in(store).files == 0
    assert files(job) == []
    assert store.event_count(run) == 1


def test_what_was_stored_but_not_written_is_written_later(
    store: Store, run: str, worker: Store, job: JobFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise CannotWrite("outbox", "no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(numbered_file, "write", full)
        with pytest.raises(CannotWrite):
            worker.add_event(run, 1, "paused", "", "")
    assert files(job) == []
    # The next attempt of the job.
    with Store(store.home, worker_url(store.home, JOB, remotely=True)):
        assert len(files(job)) == 1
    worker.add_event(run, 2, "paused", "", "")
    assert [path.name for path in files(job)] == ["000000001.json", "000000002.json"]
    take_in(store)
    assert [event.step for event in store.events(run)] == [1, 2]


def test_a_file_waits_for_the_one_before_it_and_after_a_minute_this_is_said(
    store: Store, run: str, worker: Store, job: JobFolder
) -> None:
    record(worker, run, 4)
    missing, waiting = files(job)[1:3]
    late = missing.rename(job.folder / "late")
    assert (taken := take_in(store)).files == 1
    assert (taken.waiting, taken.sentences) == ({JOB: 2}, [])
    # The last file is young for as long as the worker records.
    os.utime(waiting, (0, time.time() - 100))
    (said,) = take_in(store).sentences
    assert said.startswith(f"File 2 of job nightly is missing, and those after it wait. Put {missing} back,")
    assert take_in(store).sentences == []
    late.rename(missing)
    assert take_in(store).files == 3
    assert job.sentences() == [said]
    assert str(rows(store)) == str(rows(worker))


def test_an_empty_file_in_place_of_a_lost_one_lets_those_after_it_go_on(
    store: Store, run: str, worker: Store, job: JobFolder
) -> None:
    record(worker, run, 3)
    files(job)[1].write_bytes(b"")
    assert take_in(store).files == 2
    assert [int(step) for steps, _ in metrics.rows(store, run) for step in steps] == [1, 3]


def test_a_file_that_another_process_takes_in_meanwhile_is_passed_over(
    store: Store, run: str, worker: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(worker, run, 3)

    def read_late(path: Path) -> numbered_file.Numbered:
        monkeypatch.undo()
        assert take_in(store).files == 3
        return numbered_file.read(path)

    monkeypatch.setattr(taking_in, "read", read_late)
    assert (taken := take_in(store)).files == 0
    assert (taken.waiting, taken.sentences) == ({}, [])


def test_large_files_are_taken_in_one_at_a_time_and_one_that_is_too_large_is_set_aside(
    store: Store, run: str, worker: Store, job: JobFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(worker, run, 3)
    monkeypatch.setattr(taking_in, "_BYTES_AT_ONCE", 1)
    assert take_in(store).files == 3
    worker.update(run, note="x" * 5000)
    worker.update(run, step=3)
    monkeypatch.setattr(numbered_file, "LARGEST", 4000)
    assert (taken := take_in(store)).files == 1
    assert "it is larger than the 4,000 bytes that a worker writes" in taken.sentences[0]


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda text: text[:-9], "it is damaged"),
        (lambda text: text.replace(b"loss", b"gain"), "it is damaged"),
        (lambda _: b"", "it is no file of a worker"),
        (lambda _: b"[]\n[]\n", "it is no file of a worker"),
        (lambda _: bytes(range(256)), "it is no file of a worker"),
        (lambda text: text.replace(b'"number": 2', b'"number": Infinity'), "it is no file of a worker"),
        (lambda _: b"[" * 100_000, "it is no file of a worker"),
        (lambda text: text[: len(text) // 2], "it is"),
        (lambda text: text.replace(b'"format": 1', b'"format": 9'), "in a format that this one does not read"),
        (lambda text: text.replace(b'"number": 2', b'"number": 1e999'), "it is no file of a worker"),
        (lambda _: b"[" * 100_000, "it is no file of a worker"),
    ],
)
def test_a_damaged_file_is_set_aside_and_those_after_it_go_on(
    damage: object, why: str, store: Store, run: str, worker: Store, job: JobFolder
) -> None:
    record(worker, run, 3)
    second = files(job)[1]
    second.write_bytes(damage(second.read_bytes()))
    taken = take_in(store)
    assert taken.files == 2
    assert [why in sentence for sentence in taken.sentences] == [True]
    assert taken.sentences[0].startswith("File 2 of job nightly is set aside, so what it records is missing:")
    assert [path.name for path in job.set_aside.iterdir()] == ["000000002.json"]
    assert files(job) == []
    assert [int(step) for steps, _ in metrics.rows(store, run) for step in steps] == [1, 3]
    record(worker, run, 1, first=4)
    assert take_in(store).files == 1


@pytest.mark.parametrize(
    "change",
    [
        '{"kind": "changed", "run": "%s", "changes": {"parent": "x"}, "updated": 1.0}',
        '{"kind": "changed", "run": "%s", "changes": {"step": "many"}, "updated": 1.0}',
        '{"kind": "changed", "run": "%s", "changes": {"step": 1e300}, "updated": 1.0}',
        '{"kind": "appended", "run": "%s", "first_step": 1, "names": ["a", "b"], "values": "AAAAAAAAAAAAAAAA"}',
        '{"kind": "appended", "run": "%s", "first_step": 1, "names": ["a"], "values": "AAAA"}',
        '{"kind": "appended", "run": "%s", "first_step": 0, "names": ["a"], "values": "AAAAAA=="}',
        '{"kind": "appended", "run": "%s", "first_step": 9999999999999999999, "names": ["a"], "values": "AAAAAA=="}',
        '{"kind": "measured", "run": "%s", "step": 9999999999999999999, "values": {"a": 1.0}}',
        '{"kind": "converted", "run": "%s", "names": ["a"], "points": {"a": ["AAAA", "AAAA"]}}',
        '{"kind": "converted", "run": "%s", "names": ["a"], "points": {"a": ["AAAAAAAAAAA=", "AAAAAA=="]}}',
        '{"kind": "happened", "run": "%s", "event": {"step": 1, "time": 1, "kind": "saved", "text": "\\ud800", '
        '"who": "", "data": null}}',
        '{"kind": "deleted everything", "run": "%s"}',
    ],
)
def test_a_change_that_no_worker_makes_is_set_aside_whole(
    change: str, store: Store, run: str, worker: Store, job: JobFolder
) -> None:
    worker.update(run, step=1)
    sound = '{"kind": "changed", "run": "%s", "changes": {"step": 9}, "updated": 1.0}'
    text = f"[{sound % run}, {change % run}]".encode()
    numbered_file.write(job.outbox, job.origin(), 2, text)
    taken = take_in(store)
    assert (taken.files, len(taken.sentences)) == (1, 1)
    assert store.run(run).step == 1
    assert len(list(job.set_aside.iterdir())) == 1


def test_a_file_of_another_worker_is_set_aside_and_its_number_stays_free(
    store: Store, run: str, worker: Store, job: JobFolder
) -> None:
    numbered_file.write(job.outbox, "another", 1, b"[]")
    assert "it is a file of another worker" in take_in(store).sentences[0]
    worker.update(run, step=5)
    assert take_in(store).files == 1
    assert store.run(run).step == 5


def test_what_is_recorded_of_a_deleted_run_is_dropped_and_said_once(
    store: Store, run: str, worker: Store, job: JobFolder
) -> None:
    fork = worker.create(**{**facts_of(store, run), "parent": run, "parent_step": 0}).id
    delete_runs(store, [run])
    record(worker, run, 2)
    worker.update(fork, step=3)
    taken = take_in(store)
    assert taken.files == 4
    said = f"The home has no run {run} any more, so what job nightly records of it is dropped."
    assert taken.sentences == [said]
    assert (store.run(fork).parent, store.run(fork).parent_step, store.run(fork).step) == (None, 0, 3)
    record(worker, run, 1, first=3)
    assert take_in(store).sentences == []
    assert files(job) == []


def facts_of(store: Store, run: str) -> dict[str, object]:
    record = vars(store.run(run))
    names = ("name", "workflow_text", "device", "seed", "total_steps", "batch_size", "train_images", "who")
    return {name: record[name] for name in names}


def test_a_run_whose_id_is_none_is_not_created(store: Store, run: str, worker: Store, job: JobFolder) -> None:
    fork = worker.create(**{**facts_of(store, run), "name": "fork"}).id
    path = files(job)[0]
    text = path.read_bytes().splitlines()[1].replace(fork.encode(), b"../../elsewhere")
    numbered_file.write(job.outbox, job.origin(), 1, text)
    assert "it creates a run named '../../elsewhere'" in take_in(store).sentences[0]
    assert [record.id for record in store.recent()] == [run]


def test_other_files_and_folders_are_left_alone(store: Store, run: str, worker: Store, job: JobFolder) -> None:
    (job.outbox / "notes.txt").write_text("mine")
    (job.outbox / ".0123.partial").write_text("half a fi")
    (job.outbox / "0000000007.json").write_text("another way to write 7")
    (job.outbox / "000000002.json").mkdir()
    (job.folder.parent / "not a job!").mkdir()
    (job.folder.parent / "file").write_text("")
    prepare(store, "done", [])
    shutil.rmtree(JobFolder(store.home, "done").outbox)
    worker.update(run, step=5)
    assert take_in(store).files == 1
    left = [".0123.partial", "0000000007.json", "000000002.json", "notes.txt"]
    assert [path.name for path in files(job)] == left
    assert take_in(store).sentences == []


def test_a_job_without_its_facts_is_said_and_holds_up_no_other(
    store: Store, run: str, worker: Store, job: JobFolder
) -> None:
    other = prepare(store, "broken", [run])
    with Store(store.home, worker_url(store.home, "broken", remotely=True)) as lost:
        lost.update(run, step=3)
    other.facts.write_text(json.dumps({"machine": "x"}))
    worker.update(run, step=5)
    taken = take_in(store)
    assert (taken.files, store.run(run).step) == (1, 5)
    assert taken.sentences == [
        f"The files of job broken wait: {other.facts} cannot be read. Bring it back, or delete its folder."
    ]

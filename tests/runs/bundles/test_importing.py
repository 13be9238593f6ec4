"""A bundle that is imported brings the whole run, and one that is refused changes nothing."""

import json
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select

from pipeline.errors.bundles import AlreadyImported
from pipeline.errors.machine import CannotWrite
from pipeline.runs import evaluations, metrics, schema
from pipeline.runs.bundles import importing
from pipeline.runs.bundles.importing import import_bundle
from pipeline.runs.bundles.run_files import CheckpointChoice
from pipeline.runs.bundles.writing import write_bundle
from pipeline.runs.store import RunRecord, Store
from tests.runs.bundles.conftest import contents, rows
from tests.runs.databases import SQLITE

DATABASES = SQLITE

NewRun = Callable[..., RunRecord]
OF_A_PROCESS = {"lock", "pause.json", ".0.partial", "tensorboard", "my notes.txt"}


def files_of(store: Store, run: str) -> dict[str, str]:
    found = contents(store.files(run).folder)
    return {name: digest for name, digest in found.items() if name.split("/")[0] not in OF_A_PROCESS}


def test_an_imported_run_has_every_row_and_every_file_of_the_exported_one(
    tmp_path: Path, store: Store, other: Store, run: RunRecord
):
    written = write_bundle(store, [run.id], tmp_path / "run.zip")
    assert [record.id for record in written.runs] == [run.id] and written.size == (tmp_path / "run.zip").stat().st_size
    imported = import_bundle(other, tmp_path / "run.zip", "Bob")
    assert [(each.id, each.was, each.lost_parent) for each in imported.runs] == [(run.id, run.id, None)]
    assert other.run(run.id) == run
    assert files_of(other, run.id) == files_of(store, run.id)
    assert not OF_A_PROCESS & {path.name for path in other.files(run.id).folder.iterdir()}
    before, after = rows(store), rows(other)
    assert "imported" in after["events"].pop()[3]
    assert after == before


def test_the_event_of_an_import_says_where_the_run_comes_from(
    tmp_path: Path, store: Store, other: Store, run: RunRecord
):
    write_bundle(store, [run.id], tmp_path / "run.zip")
    import_bundle(other, tmp_path / "run.zip", "Bob")
    event = other.events(run.id)[-1]
    assert (event.kind, event.who, event.step) == ("imported", "Bob", 5000)
    assert event.text.startswith("Imported from a bundle that Genscope ")


@pytest.mark.parametrize(
    ("choice", "steps"), [("all", [0, 1000, 2000, 5000]), ("last", [5000]), ("chosen", [1000, 2000, 5000])]
)
def test_a_bundle_has_all_checkpoints_or_the_last_the_best_and_the_pinned_ones(
    choice: CheckpointChoice, steps: list[int], tmp_path: Path, store: Store, other: Store, run: RunRecord
):
    files = store.files(run.id)
    files.checkpoint_folder(1000).mkdir()
    (files.checkpoint_folder(1000) / "state.json").write_text("{}")
    (files.folder / "pinned").mkdir()
    for step in (1000, 3000):
        (files.folder / "pinned" / f"step-{step:09d}").write_bytes(b"")
    write_bundle(store, [run.id], tmp_path / "run.zip", checkpoints=choice)
    import_bundle(other, tmp_path / "run.zip", "")
    assert [step for step, _ in other.files(run.id).checkpoints()] == steps


def test_importing_a_bundle_twice_says_that_the_run_is_here(tmp_path: Path, store: Store, other: Store, run: RunRecord):
    write_bundle(store, [run.id], tmp_path / "run.zip")
    for home in (store, other, other):
        if home is other and not other.recent():
            import_bundle(other, tmp_path / "run.zip", "")
        with pytest.raises(AlreadyImported, match=f"already here: run {run.id}"):
            import_bundle(home, tmp_path / "run.zip", "")


def test_a_run_whose_id_is_taken_gets_another_one_and_a_second_import_finds_it(
    tmp_path: Path, store: Store, other: Store, run: RunRecord
):
    write_bundle(store, [run.id], tmp_path / "early.zip")
    store.update(run.id, step=5001)
    write_bundle(store, [run.id], tmp_path / "late.zip")
    import_bundle(other, tmp_path / "late.zip", "")
    (imported,) = import_bundle(other, tmp_path / "early.zip", "").runs
    assert imported.was == run.id != imported.id
    assert other.run(imported.id).step == 5000 and other.run(run.id).step == 5001
    assert f"It was run {run.id} there" in other.events(imported.id)[-1].text
    assert [each.run for each in evaluations.load_all(other.files(imported.id))] == [imported.id]
    with pytest.raises(AlreadyImported, match=imported.id):
        import_bundle(other, tmp_path / "early.zip", "")


def test_forks_come_with_their_ancestors_or_say_that_these_are_missing(
    tmp_path: Path, store: Store, other: Store, run: RunRecord, new_run: NewRun
):
    fork = new_run(name="fork", parent=run.id, parent_step=2000)
    second = new_run(name="fork of the fork", parent=fork.id, parent_step=3000)
    write_bundle(store, [second.id], tmp_path / "all.zip", checkpoints="last")
    write_bundle(store, [second.id], tmp_path / "alone.zip", ancestors=False)
    (alone,) = import_bundle(other, tmp_path / "alone.zip", "").runs
    assert (alone.id, alone.lost_parent) == (second.id, fork.id)
    assert (other.run(second.id).parent, other.run(second.id).parent_step) == (None, 3000)
    assert f"Run {fork.id}, from which it was forked at step 3,000, is not here." in other.events(second.id)[-1].text
    imported = import_bundle(other, tmp_path / "all.zip", "")
    assert [each.id for each in imported.runs] == [run.id, fork.id] and imported.present == {second.id: second.id}
    assert other.run(fork.id).parent == run.id


def test_a_fork_finds_its_parent_in_the_home(
    tmp_path: Path, store: Store, other: Store, run: RunRecord, new_run: NewRun
):
    fork = new_run(parent=run.id, parent_step=2000)
    write_bundle(store, [run.id], tmp_path / "parent.zip")
    write_bundle(store, [fork.id], tmp_path / "fork.zip", ancestors=False)
    import_bundle(other, tmp_path / "parent.zip", "")
    import_bundle(other, tmp_path / "fork.zip", "")
    assert other.run(fork.id).parent == run.id


def test_a_run_in_training_is_interrupted_where_it_is_imported(
    tmp_path: Path, store: Store, other: Store, run: RunRecord
):
    store.update(run.id, state="running")
    write_bundle(store, [run.id], tmp_path / "run.zip")
    import_bundle(other, tmp_path / "run.zip", "")
    assert other.run(run.id).state == "interrupted"


def test_uploads_come_along_and_replace_none_of_the_home(tmp_path: Path, store: Store, other: Store, run: RunRecord):
    uploads = tmp_path / "uploads"
    (uploads / "my photos" / "Ä").mkdir(parents=True)
    (uploads / "my photos" / "Ä" / "1.png").write_bytes(b"one")
    (uploads / "my photos" / ".DS_Store").write_bytes(b"hidden")
    (uploads / "digits.npz").write_bytes(b"two")
    (other.home / "uploads").mkdir()
    (other.home / "uploads" / "digits.npz").write_bytes(b"another")
    write_bundle(store, [run.id], tmp_path / "run.zip", uploads=[uploads / "my photos", uploads / "digits.npz"])
    imported = import_bundle(other, tmp_path / "run.zip", "")
    assert (imported.uploads, imported.taken) == (("my photos",), ("digits.npz",))
    assert [path.name for path in (other.home / "uploads" / "my photos").rglob("*.*")] == ["1.png"]
    assert (other.home / "uploads" / "my photos" / "Ä" / "1.png").read_bytes() == b"one"
    assert (other.home / "uploads" / "digits.npz").read_bytes() == b"another"


@pytest.mark.parametrize("moment", ["files", "rows", "folders", "commit"])
def test_an_import_that_ends_on_the_way_leaves_nothing(
    moment, tmp_path: Path, store: Store, other: Store, run: RunRecord, monkeypatch: pytest.MonkeyPatch
):
    write_bundle(store, [run.id], tmp_path / "run.zip")
    before = contents(other.home / "runs"), rows(other)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        if moment == "commit":
            # The last thing before the transaction ends.
            patch.setattr(importing, "_move_new", killed)
        else:
            patch.setattr(importing, {"files": "_unpack", "rows": "_insert", "folders": "_move"}[moment], killed)
        with pytest.raises(KeyboardInterrupt):
            import_bundle(other, tmp_path / "run.zip", "")
    assert (contents(other.home / "runs"), rows(other)) == before
    import_bundle(other, tmp_path / "run.zip", "")
    assert other.run(run.id) == run


def test_what_a_killed_import_left_is_no_run_and_is_deleted_later(
    tmp_path: Path, store: Store, other: Store, run: RunRecord, monkeypatch: pytest.MonkeyPatch
):
    write_bundle(store, [run.id], tmp_path / "run.zip")
    hidden = other.home / "runs" / f"{importing.HIDDEN}0"
    hidden.mkdir(parents=True)
    # Its folder was renamed, and the transaction never committed.
    renamed = other.files(run.id).folder
    renamed.mkdir(parents=True)
    (renamed / "stale").write_text("")
    (renamed / importing.MARK).touch()
    monkeypatch.setattr(importing, "FORGOTTEN_SECONDS", -1.0)
    import_bundle(other, tmp_path / "run.zip", "")
    assert not hidden.exists() and not (renamed / "stale").exists()


def test_files_of_a_run_whose_row_was_lost_are_not_replaced(tmp_path: Path, store: Store, other: Store, run: RunRecord):
    # As after an old copy of the database was put back.
    checkpoint = other.files(run.id).checkpoint_folder(9000)
    checkpoint.mkdir(parents=True)
    write_bundle(store, [run.id], tmp_path / "run.zip")
    (imported,) = import_bundle(other, tmp_path / "run.zip", "").runs
    assert imported.id != run.id and checkpoint.is_dir()
    assert [step for step, _ in other.files(imported.id).checkpoints()] == [0, 2000, 5000]


def test_the_autoencoder_that_a_run_builds_on_comes_along(tmp_path: Path, store: Store, other: Store, new_run: NewRun):
    trained, unrelated = "20200101-000000-00000000", "20200101-000000-00000001"
    for name in (trained, unrelated):
        copy = store.home / "autoencoders" / f"{name}-step-000000600"
        copy.mkdir(parents=True)
        (copy / "run.json").write_text("{}")
    here = other.home / "autoencoders"
    text = f'{{"prompt": {{"1": {{"class_type": "TrainedAutoencoder", "inputs": {{"run": "{trained}"}}}}}}}}'
    write_bundle(store, [new_run(workflow_text=text).id], tmp_path / "first.zip")
    write_bundle(store, [new_run(workflow_text=text).id], tmp_path / "second.zip")
    import_bundle(other, tmp_path / "first.zip", "")
    assert contents(here) == {f"{trained}-step-000000600/run.json": sha256(b"{}").hexdigest()}
    import_bundle(other, tmp_path / "second.zip", "")
    assert len(contents(here)) == 1


def test_a_disk_without_room_is_refused_first(
    tmp_path: Path, store: Store, other: Store, run: RunRecord, monkeypatch: pytest.MonkeyPatch
):
    write_bundle(store, [run.id], tmp_path / "run.zip")
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1000})())
    with pytest.raises(CannotWrite, match=r"the bundle needs 1\.\d MB, and 0\.0 MB are free"):
        import_bundle(other, tmp_path / "run.zip", "")


def test_the_manifest_names_the_runs_the_version_and_each_entry(tmp_path: Path, store: Store, run: RunRecord):
    write_bundle(store, [run.id], tmp_path / "run.zip")
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        found = json.loads(archive.read("bundle.json"))
        assert found["runs"] == [{"id": run.id, "name": "digits", "step": 5000, "parent": None}]
        assert sorted(each["name"] for each in found["files"]) == sorted({*archive.namelist()} - {"bundle.json"})


def test_values_come_back_bit_by_bit_even_those_that_are_no_number(
    tmp_path: Path, store: Store, other: Store, run: RunRecord
):
    write_bundle(store, [run.id], tmp_path / "run.zip")
    import_bundle(other, tmp_path / "run.zip", "")
    assert metrics.names(other, run.id) == metrics.names(store, run.id)
    for (steps, values), (_, expected) in zip(metrics.rows(other, run.id), metrics.rows(store, run.id), strict=True):
        assert values.tobytes() == expected.tobytes() and len(steps)
    with other.database.reading() as connection:
        assert connection.execute(select(schema.tags.c.tag)).scalars().all() == ["paper"]

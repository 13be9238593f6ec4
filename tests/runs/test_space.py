"""The bytes of a run's files, by kind."""

from collections.abc import Callable

from pipeline.runs.space import space_of
from pipeline.runs.store import RunRecord, Store


def test_every_file_of_a_run_is_counted_once_by_its_folder(store: Store, new_run: Callable[..., RunRecord]) -> None:
    files = store.files(new_run().id)
    sizes = {
        "checkpoints/step-000000001/weights.safetensors": 100,
        "checkpoints/step-000000002/deep/er/file": 20,
        "grids/step-000000001.png": 3,
        "probes/step-000000001.npz": 4,
        "evaluations/step-000000001-ab.json": 5,
        "watching.json": 6,
        "elsewhere/file": 7,
    }
    for name, size in sizes.items():
        path = files.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(size))
    found = space_of(files)
    assert found == {"checkpoints": 120, "grids": 3, "probes": 4, "evaluations": 5, "other": 13}
    assert sum(found.values()) == files.disk_used()

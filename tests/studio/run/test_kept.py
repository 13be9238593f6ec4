"""The checkpoints that a run keeps, and why."""

from collections.abc import Callable

from pipeline.graph import document, edit
from pipeline.graph.adding import place_node
from pipeline.nodes.catalogue import NODES
from pipeline.runs import periodic
from pipeline.runs.periodic import Best, Periodic
from pipeline.runs.store import RunRecord, Store
from pipeline.studio.run.kept import kept, pin, unpin
from pipeline.studio.workflows import open_template


def test_each_checkpoint_has_its_size_and_the_reasons_why_it_is_kept(
    store: Store, new_run: Callable[..., RunRecord]
) -> None:
    workflow, _ = place_node(open_template("mlp-gan"), "Checkpoints", "training", NODES)
    workflow = edit.apply_settings(workflow, ["checkpoints.last=1", "checkpoints.doublings=false"], NODES)
    record = new_run(workflow_text=document.write(workflow))
    files = store.files(record.id)
    for step in (100, 200, 300):
        files.checkpoint_folder(step).mkdir(parents=True)
        (files.checkpoint_folder(step) / "weights.safetensors").write_bytes(b"w" * step)
    periodic.save(files, Periodic(best=Best("kid", 200, 0.1)))
    pin(store, record.id, 200, "Ada")
    found = kept(store, record, {})
    assert [(each.step, each.size, each.reasons, each.pinned) for each in found] == [
        (300, 300, ("among the newest",), False),
        (200, 200, ("pinned", "best"), True),
        (100, 100, (), False),
    ]
    unpin(store, record.id, 200, "Ada")
    # Live values that are in force replace those of the workflow.
    live = kept(store, record, {"checkpoints.last": 2.0, "checkpoints.every": 100.0})
    assert [each.reasons for each in live] == [
        ("among the newest", "every 100 steps"),
        ("best", "among the newest", "every 100 steps"),
        ("every 100 steps",),
    ]
    # The checkpoints here have no state from which they could be read.
    assert [each.reasons for each in kept(store, record)][-1] == ()

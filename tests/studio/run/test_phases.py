"""What is idle in a phase."""

import pytest

from pipeline.nodes.phases import Phase
from pipeline.runtime.messages.snapshot import PlannedUpdate, RewindStatus, Snapshot
from pipeline.studio.run.phases import idle_nodes, idle_sentence

PHASES = (Phase("first", 0, 600), Phase("second", 600, None))
FIRST = PlannedUpdate("first", 1, (("draw", "data"), ("update", "one")))
SECOND = PlannedUpdate("second", 1, (("draw", "data"), ("update", "other")))


@pytest.mark.parametrize(
    ("step", "plan", "idle", "node", "words"),
    [
        (5, (FIRST,), (SECOND,), "other", "Used from step 601 on, when the second is trained."),
        (700, (SECOND,), (FIRST,), "one", "Not used any more: it was for training up to step 600. Go back"),
    ],
)
def test_a_node_of_another_phase_is_idle_and_one_of_both_is_not(step, plan, idle, node, words):
    snapshot = Snapshot(step=step, plan=plan, idle=idle)
    assert idle_nodes(snapshot) == {node}
    assert idle_sentence(snapshot, PHASES, node).startswith(words)
    assert idle_sentence(snapshot, PHASES, "data") == ""


def test_a_fork_from_a_later_phase_cannot_go_back_to_an_earlier_one():
    snapshot = Snapshot(rewind=RewindStatus(first=650), step=700, plan=(SECOND,), idle=(FIRST,))
    assert idle_sentence(snapshot, PHASES, "one").endswith("fork the run that this one is from.")

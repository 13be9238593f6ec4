"""What is idle in the current phase of a run: nodes, and their live parameters."""

from collections.abc import Sequence

from pipeline.nodes.phases import Phase
from pipeline.runtime.messages.snapshot import Snapshot


def idle_nodes(snapshot: Snapshot) -> frozenset[str]:
    """The ids of the nodes that only updates of other phases use."""
    now = {node for update in snapshot.plan for _, node in update.stages}
    return frozenset(node for update in snapshot.idle for _, node in update.stages) - now


def idle_sentence(snapshot: Snapshot, phases: Sequence[Phase], node: str) -> str:
    """When a change of this node's live parameters takes effect, if that is not now; otherwise ""."""
    if node not in idle_nodes(snapshot):
        return ""
    users = {update.name for update in snapshot.idle if node in {each for _, each in update.stages}}
    used = [phase for phase in phases if phase.update in users]
    for phase in used:
        if phase.first > snapshot.step:
            return f"Used from step {phase.first + 1:,} on, when the {phase.update} is trained."
    ended = max((phase.last or 0 for phase in used), default=0)
    here = snapshot.rewind.first < ended
    undo = "Go back to change that." if here else "To change that, fork the run that this one is from."
    return f"Not used any more: it was for training up to step {ended:,}. {undo}"

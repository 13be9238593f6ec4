"""Which node an edit changed, so that undo and redo can show it."""

from pipeline.graph.workflow import Workflow


def selection_after(before: Workflow, after: Workflow, selected: str) -> str:
    """The node to select when `before` has become `after`: one that was added, else one that changed, else the selected
    one; "" if there is none. Of several, the selected one if it is among them, else the first.

    selected: the id of the node selected before, or "".
    """
    added = [node_id for node_id in after.nodes if node_id not in before.nodes]
    changed = [node_id for node_id, node in after.nodes.items() if before.nodes.get(node_id) != node]
    found = added or changed or list(after.nodes)
    return selected if selected in found else next(iter(found), "")

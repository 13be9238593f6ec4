"""The workflow as data: its nodes and links, checks, layout and edits.

Start with `node.py` (one class per kind of node), then `workflow.py` (nodes and links as plain data) and `check.py`
(all problems of a workflow at once). `registry.py` registers node classes, `form.py` derives their parameters and
wires, `document.py` reads and writes files, `layout.py` places the boxes.

Edits return changed copies: `edit.py` has the basic ones and undo, `adding.py` and `connecting.py` find what fits
where, `replacing.py` swaps a node's type, `copying.py` copies and pastes, `bypass.py` bypasses a node, `selection.py`
finds the node that an edit changed.

`difference.py` finds what differs between workflows.

Of the check, `findings.py` has problems, warnings and mends; `wire_check.py` the checks of wires, `dead_ends.py` of
nodes that lead nowhere. `fitting.py` makes nodes fit together, `mending.py` finds what mends a problem.

No concrete nodes, no file access.
"""

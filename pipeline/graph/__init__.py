"""The workflow as data: its nodes and links, checks, layout and edits.

Start with `node.py` (one class per kind of node), then `workflow.py` (nodes and links as plain data) and `check.py`
(all problems of a workflow at once). `registry.py` registers node classes, `form.py` derives their parameters and
wires, `document.py` reads and writes files, `edit.py` returns changed copies, `mend.py` has the warnings and the
changes that mend them, `layout.py` places the boxes.

No concrete nodes, no file access.
"""

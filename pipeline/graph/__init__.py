"""The workflow as data: what a node is, how nodes are wired, what is wrong with it, and how it is drawn and edited.

Begin with `node.py` (one class is one kind of node), then `workflow.py` (nodes and links as plain data) and
`check.py` (every problem of a workflow at once). `registry.py` and `form.py` hold what is derived from a node class,
`document.py` reads and writes files, `edit.py` changes workflows without mutating them, `layout.py` places the boxes.

Knows no torch, no concrete node and no file system. May import `pipeline.errors` and pydantic.
"""

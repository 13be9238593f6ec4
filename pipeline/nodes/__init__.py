"""The node types, and how a workflow (data) becomes a training run (tensors).

Start with `inputs/data.py` for what a node looks like and `catalogue.py` for the list of all nodes. `networks/module_node.py` is for
networks that are plain torch modules, `python_objects.py` for objects made in Python. `ports.py` defines what is known of a
link before anything is built, `building.py` what a node receives when it is built. `checked_workflow.py` parses and checks a
workflow once; `assemble.py` turns it into an Experiment on one of the devices of `devices.py`. For a checked workflow,
`training_subgraph.py` finds the nodes that training depends on, `recorded.py` the series that its run will record, `grids.py`
the tiling of its sample grids, and `layer_tables.py` the stored layer tables of its networks.

Importing this package loads no torch: `infer` needs only plans and facts, and `build` imports its family when called.
May import `pipeline.graph`, `pipeline.errors`, `pipeline.runs.tiling`, the torch-free plans and facts of `models`,
`data` and `training`, and, inside `build`, all of `training`, `data`, `models` and `objectives`.
"""

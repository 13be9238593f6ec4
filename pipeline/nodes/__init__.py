"""The catalogue of nodes: where a workflow, which is data, meets training, which is tensors.

Begin with `inputs/data.py` for what a node looks like and `catalogue.py` for the list of all; `networks/module_node.py` is for networks
that are plain torch modules, `python_objects.py` for what was made in Python. `ports.py` says what is known of a wire before
anything is built; `building.py` what a node is given when it is built. `checked_workflow.py` parses and checks a workflow once;
`assemble.py` makes an Experiment of it, on one of `devices.py`. Of a checked workflow, `training_subgraph.py` says what its
training depends on, `recorded.py` what its run will record, `grids.py` how its sample grids are tiled,
`layer_tables.py` where the layers of its networks are kept.

Importing this folder loads no torch: `infer` needs only plans and facts, and `build` imports its family when called.
May import `pipeline.graph`, `pipeline.errors`, `pipeline.runs.tiling`, the torch-free plans and facts of `models`,
`data` and `training`, and, inside `build`, all of `training`, `data`, `models` and `objectives`.
"""

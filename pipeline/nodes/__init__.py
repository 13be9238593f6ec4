"""The node types, and how a workflow (data) becomes a training run (tensors).

    catalogue.py       all node types; begin with inputs/data.py for what one looks like
    inputs/            images, augmentation, noise
    networks/          networks, built from plans or plain torch modules
    losses/            objectives, and penalties and other nodes stacked on them
    training/          training nodes, optimizers, schedules, sample grids, periodic evaluation,
                       checkpoints
    registry.py        where the catalogue registers them
    custom_nodes.py    loads custom nodes from GENSCOPE_NODES
    python_objects.py  nodes that stand for objects made in Python

    phases.py             trainings whose updates are part of different steps
    ports.py              what is known about a link before anything is built
    building.py           what a node receives when it is built
    checked_workflow.py   a workflow parsed and checked once
    run_data.py           the record that a run keeps of its images, and the ports that stand for them
    stored_autoencoder.py autoencoders of stored runs, and their copies in the home
    assemble.py           from a checked workflow to an Experiment, on one of the devices of devices.py
    build_parts.py        from nodes to their parts
    declaration_check.py  compares what a node builds with what its ports declared
    ends.py               which ends of networks fit which range of values; module_ends.py finds that of a module
    training_subgraph.py  the nodes that training depends on, the series they record, the tiling of sample grids
    metric_series.py      the series of metrics that a run evaluates periodically
    schedule_ends.py      where learning rate schedules end, and what that means for training on
    live_settings.py      changes of live parameters that a run is resumed with
    layer_tables.py       the stored layer tables of networks

Importing this package loads no torch: `infer` needs only plans and facts, and `build` imports its family when called.
"""

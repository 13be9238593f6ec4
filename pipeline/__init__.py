"""Genscope's pipeline: everything but the pages. It never imports streamlit.

The ladder: a line imports only from lines below it, and the left side never imports torch.

    server side, no torch                      engine side
    Home.py, pages/                            __main__.py, command/  the command line, on either side
                                               api/        the door from Python
    studio/    a function for each thing       engine/      the process that owns a trainer and its device
               a user does
    runtime/   messages, link, handle (known to both)
    conditions/  breakpoints and watches       inspection/  walking a step, going back, looking into the networks
                                               sampling/    images and grids from trained networks
    nodes/     the catalogue: torch-free declarations; `build` imports its family when called
    families/  what each family of models is: torch-free declarations, and the steps that train it
                                               training/    Experiment, TrainState, stages, Trainer, checkpoint
    runs/      what is kept                    data/  models/  objectives/  augmentation/
    health/    from a run's history to hints
    graph/     a workflow as data
    errors/    sentences for what is refused and what fails
    formatting.py numbers, times and lists in words; colours.py  colours and dashes by name

The way of the data: workflow.json -> Workflow -> check -> Experiment -> Trainer -> Slice -> store -> charts and grids.
A click: Command -> handle -> link -> engine, between two slices -> new Snapshot -> handle -> every browser's next look.
Begin with `graph/node.py` (what a node is), `training/stages.py` (what a step is) and `runtime/messages.py`.
"""

VERSION = "0.2.0"
"""Stands in every picture and run that this code writes."""

"""Genscope's pipeline: everything but the pages. It never imports streamlit.

The layers: a line imports only from lines below it, and the left side never imports torch.

    server side, no torch                      engine side
    Home.py, pages/                            __main__.py, command/  the command line, on both sides
                                               api/        the Python API
                                               bench/      measurements of speed, memory and storage
    studio/    a function for each             engine/      the process that owns a trainer and its device
               action of a user
                                               evaluation/  how good the images of stored runs are
                                               standalone/  a run as one file that needs only torch and numpy
    launch/    jobs that a cluster's queue trains
    runtime/   messages, link, handle (used by both)
                                               processes/   several processes train one run: one leads, others follow
    conditions/  breakpoints and watches       inspection/  stage-by-stage walk, rewind, probes of the networks
                                               sampling/    images and grids from trained networks
    nodes/     the catalogue: torch-free declarations; `build` imports its family when called
    families/  each family of models: torch-free declarations, and the steps that train it
                                               training/    Experiment, TrainState, stages, Trainer, checkpoint
    runs/      stored runs                     data/  models/  objectives/  augmentation/
    metrics/   how good images are, in numbers
    health/    hints from a run's history
    graph/     a workflow as data                        ranks/      several processes that train one run together
    errors/    exceptions and their messages
    formatting.py numbers, times and lists in words; colours.py  names of colours and dashes
    why.py        explanations with sources

Data flow: workflow.json -> Workflow -> check -> Experiment -> Trainer -> Slice -> store -> charts and grids.
A click: Command -> handle -> link -> engine, between two slices -> new Snapshot -> handle -> each browser's next poll.
Start with `graph/node.py` (what a node is), `training/stages.py` (what a step is) and `runtime/messages/`.
"""

VERSION = "0.9.0"
"""Version written into every picture and run."""

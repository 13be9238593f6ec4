"""The server's functions for user actions and for what pages show, shared by pages and the command line. Torch-free.

    run/training.py, run/debugging.py    control the loaded run; use the debugger
    workflows.py                 open, check, change and save workflows
    networks.py                  the layers of a workflow's networks
    run/forking.py                   where a fork can start, and what it would carry over
    run/history.py, run/ancestry.py      stored runs as pages show them; the runs that a fork comes from
    charts/curves.py, charts/watches.py, charts/chart_annotations.py    the data of charts
    family.py                    what a run's family of models offers to pages
    stages/stage_text.py, stages/stage_facts.py    a stage of a step in the words of its family; the facts that the words need
    stages/stage_data.py                the data of a stage
    inspect/layers.py, inspect/network_pictures.py        probes over time; what networks make of one image
    inspect/codes.py                     reconstructions, and plots of latent codes
    health.py                    hints, with the parameters to change
    film/sample_frames.py, film/film_view.py, film/film_pictures.py    the film strip, its URL and its pictures
    sampling.py                  draw from a checkpoint
    data/datasets.py, data/data_nodes.py   inspect a data set; put it into a workflow
    data/data_tables.py               the data of a data set's charts and tables
    data/uploads.py                   the workflows and runs that use an upload

Top layer of the server side: may import `runtime/`, `conditions/`, `health/`, `nodes/` and `families/` (declarations),
`runs/`, `graph/`, and the torch-free part of `data/`.
"""

"""One function for each thing a user does, the same for pages and the command line. Torch-free.

    run/training.py, run/debugging.py    what changes the run under way, and what the debugger does to it
    workflows.py                 opening, checking and saving workflows
    networks.py                  the layers of a workflow's networks
    run/forking.py                   what a fork begins from, and what it would take along
    run/history.py, run/ancestry.py      what runs have left behind, and which runs they were forked from
    charts/curves.py, charts/watches.py, charts/chart_annotations.py    the data of charts
    family.py                    what a run's family of models has to show
    stages/stage_text.py                    a stage of a step in the words of its family; stages/stage_facts.py, what they go by
    stages/stage_data.py                its data
    inspect/layers.py, inspect/network_pictures.py        probes over time; pictures of what networks make of one image
    inspect/codes.py                     reconstructions, and codes in the plane
    health.py                    hints, with the parameters to change
    film/sample_frames.py, film/film_view.py, film/film_pictures.py    the film strip and its address
    sampling.py                  drawing from a checkpoint
    data/datasets.py, data/data_nodes.py   looking at a data set; putting it into a workflow
    data/data_tables.py               the data of its charts and tables
    data/uploads.py                   what becomes of workflows and runs without an upload

Top of the server's side of the ladder: may import `runtime/`, `conditions/`, `health/`, `nodes/` and `families/`
(declarations), `runs/`, `graph/`, and what is torch-free of `data/`.
"""

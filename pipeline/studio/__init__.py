"""One function for each thing a user does, the same for pages and the command line. Torch-free.

    training.py, debugging.py    what changes the run under way, and what the debugger does to it
    workflows.py                 opening, checking and saving workflows
    networks.py                  the layers of a workflow's networks
    forking.py                   what a fork begins from, and what it would take along
    history.py, ancestry.py      what runs have left behind, and which runs they were forked from
    curves.py, watches.py, marks.py    the data of charts
    family.py                    what a run's family of models has to show
    stages.py                    a stage of a step in the words of its family; stage_facts.py, what they go by
    stage_data.py                its data
    layers.py, looking.py        probes over time; pictures of what networks make of one image
    codes.py                     reconstructions, and codes in the plane
    health.py                    hints, with the parameters to change
    film.py, film_link.py, pictures.py    the film strip and its address
    sampling.py                  drawing from a checkpoint
    datasets.py, data_nodes.py   looking at a data set; putting it into a workflow
    data_tables.py               the data of its charts and tables
    uploads.py                   what becomes of workflows and runs without an upload

Top of the server's side of the ladder: may import `runtime/`, `conditions/`, `health/`, `nodes/` and `families/`
(declarations), `runs/`, `graph/`, and what is torch-free of `data/`.
"""

"""One function for each thing a user does, the same for pages and the command line. Torch-free.

    training.py, debugging.py    what changes the run under way, and what the debugger does to it
    workflows.py                 opening, checking and saving workflows
    forking.py                   what a fork begins from, and what it would take along
    history.py, ancestry.py      what runs have left behind, and which runs they were forked from
    curves.py, watches.py, marks.py    the data of charts
    stages.py, stage_data.py     a stage of a step in words, and its data
    layers.py, looking.py        probes over time; pictures of what networks make of one image
    health.py                    hints, with the parameters to change
    film.py, film_link.py, pictures.py    the film strip and its address
    sampling.py                  drawing from a checkpoint

Top of the server's side of the ladder: may import `runtime/`, `conditions/`, `health/`, `nodes/` (declarations),
`runs/` and `graph/`.
"""

"""One function for each thing a user does, the same for pages and the command line. Torch-free.

`training.py` what changes the run under way; `workflows.py` opening, checking and saving workflows; `history.py` what
runs have left behind: curves, events, grids; `sampling.py` drawing from a checkpoint; `wording.py` numbers and times in
words. Top of the server's side of the ladder: may import `runtime/`, `nodes/` (declarations), `runs/` and `graph/`.
"""

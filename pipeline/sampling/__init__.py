"""Pictures from trained networks: drawn from a stored run, and laid out as a grid.

    grid.py      images (N, H, W, C) uint8 become one PNG that carries its workflow, torch-free
    stored.py    images drawn from a checkpoint of a run, by seed and count

Begin with grid.py. May import nodes, runs and training; grid.py imports nothing of the pipeline.
"""

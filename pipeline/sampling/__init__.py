"""Pictures from trained networks: drawn from a stored run, laid out as a grid, and held against the real images.

    grid.py          images (N, H, W, C) uint8 become one PNG that carries its workflow, torch-free
    stored.py        images drawn from a checkpoint of a run, by seed and count
    neighbours.py    the real training images that a sample of a kept grid is nearest to

Begin with grid.py. May import nodes, runs, training and data; of the pipeline, grid.py imports only how grids are
tiled (`runs/tiling.py`).
"""

"""Pictures from trained networks: drawn from a stored run, laid out as a grid, and held against the real images.

    grid.py            images (N, H, W, C) uint8 become one PNG that carries its workflow, torch-free
    checkpoints.py     a stored run opened again, its networks given the weights of a checkpoint
    stored.py          images drawn from it, by seed and count
    reconstructing.py  held-out images encoded and decoded by it, in the sizes that they came in
    restoring.py       images as files of their own, each in the size that its like came in
    neighbours.py      the real training images that a sample of a kept grid is nearest to

Begin with grid.py. May import nodes, runs, training and data; of the pipeline, grid.py imports only how grids are
tiled (`runs/tiling.py`).
"""

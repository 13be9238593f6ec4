"""The Generate page: choose a run and a checkpoint, and draw a grid from it.

pickers.py          the run and its checkpoint, kept in the URL
matrix.py           rows of checkpoints, columns of seeds
drawing.py          grids, drawn once for all browsers
"""

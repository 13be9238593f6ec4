"""The Generate page: choose a run and a checkpoint, and draw a grid from it.

matrix.py           rows of checkpoints, columns of seeds
interpolation.py    images between two, as a strip
drawing.py          the grids of the page and of the matrix
"""

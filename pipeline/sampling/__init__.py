"""Sampling from stored runs: grids, image files, reconstructions and nearest neighbours.

    grid.py            images (N, H, W, C) uint8 as one PNG with the workflow in its metadata; torch-free
    checkpoints.py     open a stored run and load a checkpoint's weights into its networks
    loading.py         load a stored run to draw from
    stored.py          draw images from a stored run by seed and count
    paths.py           draw the way from noise to images, and images between two others
    reconstructing.py  encode and decode held-out images of a stored run, at their original sizes
    weights_export.py  write a checkpoint's weights as safetensors files for plain torch modules
    real_images.py    the images that a stored run was trained on, and those that it holds out
    restoring.py       write images as separate files at their original sizes
    neighbours.py      the training images nearest to a sample of a stored grid

Begin with grid.py.
"""

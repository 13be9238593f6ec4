"""Real images: which sets there are, where they come from, and how batches are drawn from them.

    sets.py       facts of every named set (shape, counts), torch-free
    images.py     ImageSet: uint8 pixels that live on the device; BatchOrder: which images come when
    sources.py    a named set becomes two ImageSets, one to learn from and one kept aside
    kept.py       what was read once stays in `home/data` as uint8

Begin with sets.py. Pixels are uint8 (N, C, H, W) wherever they are kept, and float in [-1, 1] in a batch.
Nothing here imports another folder of the pipeline but errors/.
"""

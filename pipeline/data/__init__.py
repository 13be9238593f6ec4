"""Real images: which sets there are, where they come from, and how batches are drawn from them.

    sets.py       facts of every named set (shape, counts), torch-free
    images.py     ImageSet: uint8 pixels, on the device or beside it; BatchOrder: which images come when
    placing.py    whether a set lives on the device, or is streamed to it because it has no room
    batches.py    Batches: those of a run in turn, from a streamed set a few ahead of training
    sources.py    a named set becomes two ImageSets, one to learn from and one kept aside
    kept.py       what was read once stays in `home/data` as uint8

Begin with sets.py. Pixels are uint8 (N, C, H, W) wherever they are kept, and float in [-1, 1] in a batch.
Nothing here imports another folder of the pipeline but errors/ (and wording.py).
"""

"""Real images: which sets there are, where they come from, and how batches are drawn from them.

    sets.py         facts of every named set (shape, counts, names of classes)
    named.py        where the named sets come from; download.py fetches their files
    files/          folders, zips and files of arrays
    fitting.py      images of any size become square ones, and get their size back
    split.py        which images are kept aside
    report.py       what a set is like; pixel_statistics.py counts, thumbnails.py shows
    summary.py      a report without the tails of its long lists, as it travels to a page
    uploads.py      data sets that a browser brought, in `home/uploads`
    array_cache.py         what was read once stays in `home/data` as uint8
    progress.py     how far a long reading has come

    sources.py      a named set or a source of files becomes two ImageSets: to learn from, and kept aside
    images.py       ImageSet: uint8 pixels, on the device or beside it; BatchOrder: which images come when
    device_placement.py      whether a set lives on the device, or is streamed to it because it has no room
    batches.py      Batches: those of a run in turn, from a streamed set a few ahead of training

Begin with sets.py. Pixels are uint8 (N, C, H, W) wherever they are kept, and float in [-1, 1] in a batch. The upper
part is torch-free. Nothing here imports another folder of the pipeline but errors/ (and formatting.py).
"""

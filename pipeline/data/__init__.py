"""Real images: the data sets, where they come from, and how training batches are drawn from them.

    sets.py         facts about every named set (shape, counts, class names)
    named.py        reading the named sets; download.py fetches their files
    files/          folders, zips, tars and array files
    large/          sets that are not read whole: their index, shards, decoding while training
    fitting.py      makes images of any size square, and restores their size
    value_range.py  the ranges of pixel values that networks may work with
    split.py        chooses the held-out images
    findings.py     what is known about a run's images, in the one wording that pages, commands and records share
    findings_cache.py  keeps findings for checks of a workflow, which read no image
    report.py       describes a set; pixel_statistics.py counts, thumbnails.py draws
    summary.py      a report with its long lists cut short, as sent to a page
    uploads.py      data sets uploaded in a browser, in `home/uploads`
    array_cache.py  cache of what was read, as uint8 in `home/data`
    progress.py     progress callback of long reads

    sources.py           turns a named set or a source of files into two ImageSets: training and held out
    images.py            ImageSet: uint8 pixels on the device, in host memory or decoded later; BatchOrder: their order
    device_placement.py  decides whether a set is resident on the device or streamed because it does not fit
    batches.py           Batches: the batches of a run in order; for a streamed set, gathered a few ahead of training

Start with sets.py. Stored pixels are uint8 (N, C, H, W); batches are float in [-1, 1], or in [0, 1] if the node of
the images says so. The modules of the upper list are torch-free.
"""

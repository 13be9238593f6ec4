"""Images in files of one's own: what they are told by, how they are read, and what is refused. Torch-free.

    opening.py      from a name to a path to an opened source
    source.py       ImageSource, what all kinds of source have in common
    survey.py       what a source holds, without decoding: quick enough for every drawing of a page
    reading.py      every image of a source, decoded and prepared
    source_cache.py      what was read once stays in `home/data`
    limits.py       how much a source may ask of the machine, and why

    pictures.py     folder.py, archive.py (zip): each image is a file; class_folders.py finds classes and split in names
    picture.py      the bytes of one picture file
    arrays.py       npz.py, idx.py, cifar.py: images are arrays of numbers
    unpickler.py    the pickles of CIFAR, without running them
    zipped.py, bounded.py  reading what a header promises without believing it

Begin with source.py and opening.py. A source that cannot be used at all raises UnusableSource, one image that cannot be
read raises BrokenImage; nothing here writes but source_cache.py, and nothing of a zip or a tar ever reaches the disk.
"""

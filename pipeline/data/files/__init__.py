"""Images in your own files: detecting the format, reading, and refusing what is unsafe. Torch-free.

    opening.py       opens the source that a name or path means
    source.py        ImageSource, the interface of all kinds of source
    survey.py        describes a source without decoding it: fast enough for every drawing of a page
    reading.py       decodes and prepares every image of a source; passes.py does it in threads
    shades.py        which stored values become black and white; value_counts.py counts the values
    contents.py      warns of sets whose images are nearly all black, white, flat or equal
    read_images.py   ReadImages, the result
    source_cache.py  caches what was read in `home/data`
    limits.py        how many resources a source may use, and why

    pictures.py            folder.py, archive.py (zip), tar.py: each image is a file
    archive_members.py     what zips and tars have in common; unpacking.py reads a compressed tar from front to back
    picture.py             decodes one picture file; formats.py lists the formats and their endings
    arrangement.py         which pictures are used, their order, classes, split and captions
    folder_structure.py    classes and split from folders; split_folders.py reads their names
    label_tables.py        tables of labels and captions; picture_index.py finds the picture that a line means
    captions.py            text files with captions beside pictures; lazy_texts.py: texts that are read when asked for
    class_findings.py      what is probably not meant about classes
    natural.py             the order of names; passed_over.py names thumbnails and caches
    rules.py               the versions of these rules; arrangement_0_3.py is the arrangement of runs made by 0.3
    arrays.py              npz.py, idx.py, cifar.py: images are arrays of numbers
    npz_parts.py           the images and labels of an .npz; npz_0_3.py: as version 0.3 found them
    unpickler.py           reads the pickles of CIFAR without running them
    zipped.py, bounded.py  read what a header promises without trusting it
    shades_0_3.py          the rules of shades and endings for runs made with version 0.3

Start with source.py and opening.py. A source that cannot be used at all raises UnusableSource; an image that cannot be
read raises BrokenImage. Only source_cache.py writes files, and nothing from a zip or a tar is ever written to the disk.
"""

"""Sets that are too large to be read whole before training: listed once, decoded while training. Torch-free.

    choosing.py       when a set is decoded while training instead of before
    opening.py        opens a large source through its index, which is made once and kept in `home/data`
    one_at_a_time.py  a lock: one process lists or packs a source, the others wait for it
    index.py          the index: the name, place, class and side of every image, in mapped arrays
    names.py          a million names in two mapped arrays
    indexed.py        an opened source that reads its images where the index says
    folder_index.py   the index of a folder
    shard_files.py    finds shards: tars as WebDataset writes them, and Parquet files
    shard_labels.py   labels of shards, and their classes
    shard_index.py    the index of shards
    tar_shards.py     lists a tar of samples
    parquet_shards.py lists a Parquet file with the bytes of images, and reads rows of it
    packing.py        copies the images of Parquet files into one file, from which each is read at once
    looking.py        decodes a sample: what can be said about a set that is not read whole
    later.py          a set that is decoded while training, split, with its findings
    decoding.py       DecodedImages: the images of a set, decoded in threads whenever they are drawn

Start with opening.py and decoding.py. An image that is damaged is replaced, and counted, by the next one that is not; a
file that has changed since it was listed ends the run with a sentence, since its images would be others.
"""

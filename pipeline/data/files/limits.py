"""Limits on the resources that a source may use. What exceeds them is refused, or listed as broken, with a message."""

MOST_PIXELS = 80_000_000
"""In one picture, read from its header before decoding: more than cameras produce, and 240 MB in colour."""

MOST_FILE_BYTES = 256_000_000
"""In one picture file: each thread reads one whole file before decoding it."""

MOST_FOLDER_FILES = 5_000_000
"""Files in a folder and its subfolders, listed in some minutes. A user who names `/` gets a message instead of an
endless wait. Sets of more belong into shards: few file systems bear so many files well."""

MOST_ZIP_ENTRIES = 80_000
"""Files in a zip. The 70,000 pictures of MNIST or FFHQ fit; a zip with a huge number of tiny files is an attack."""

MOST_ZIP_DIRECTORY_BYTES = 16_000_000
"""In a zip's table of contents, which is read whole: 200 bytes for each of the entries allowed."""

MOST_ZIP_BYTES = 16_000_000_000
"""In all files of a zip together, unpacked."""

MOST_RATIO = 200
"""Unpacked bytes per packed byte. Pictures in compressed formats hardly shrink, drawings in BMP shrink by about 50;
deflate reaches 1,032, but only for bytes that are all the same."""

RATIO_FROM_BYTES = 1_000_000
"""The ratio is not checked below this many unpacked bytes: a small blank picture is not a bomb."""

MOST_ARRAY_BYTES = 4_000_000_000
"""In the arrays of an .npz, IDX or CIFAR file, which are in memory whole during preparation."""

MOST_PICKLE_BYTES = 64_000_000
"""In one batch file of CIFAR, which is 31 MB."""

MOST_TAR_BYTES = 400_000_000
"""Unpacked from a .tar.gz; CIFAR-10 is 186 MB."""

MOST_TABLE_BYTES = 64_000_000
"""In a table of labels or captions, which is read whole: two million lines."""

MOST_TABLES = 20
"""Tables that are read in one source."""

MOST_CAPTION_BYTES = 100_000
"""In a text file with the caption of one picture."""

MOST_CAPTION_CHARACTERS = 10_000
"""Of one caption: a page and more."""

MOST_PACKED_TAR_BYTES = 2_000_000_000
"""Unpacked from a compressed tar of pictures: what is used of it is in memory whole, since it cannot be read from the
middle."""

TAR_RATIO_FROM_BYTES = 10_000_000
"""The ratio is not checked below this many bytes of a tar: the headers of small files shrink by more than pictures."""

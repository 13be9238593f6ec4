"""How much a source may ask of this machine. Whatever goes beyond is refused, or listed as broken, with a sentence."""

MOST_PIXELS = 80_000_000
"""In one picture, read from its header before it is decoded: more than cameras take, and 240 MB in colour."""

MOST_FILE_BYTES = 256_000_000
"""In one picture file: it is read whole before it is decoded, one in each thread."""

MOST_FOLDER_FILES = 1_000_000
"""Files in a folder with all below it. Somebody who names `/` is told so instead of being left waiting."""

MOST_ZIP_ENTRIES = 80_000
"""Files in a zip. The 70,000 pictures of MNIST or FFHQ fit; a zip of ever so many tiny files is an attack."""

MOST_ZIP_DIRECTORY_BYTES = 16_000_000
"""In a zip's table of contents, which is read whole: 200 bytes for each of the most entries."""

MOST_ZIP_BYTES = 16_000_000_000
"""In all files of a zip together, unpacked."""

MOST_RATIO = 200
"""Unpacked bytes for a packed one. Pictures in formats of their own hardly shrink, drawings in BMP by about 50;
deflate can do 1,032, and only for bytes that are all alike."""

RATIO_FROM_BYTES = 1_000_000
"""Below so many unpacked bytes the ratio is no matter: a small blank picture is no bomb."""

MOST_ARRAY_BYTES = 4_000_000_000
"""In the arrays of an .npz, IDX or CIFAR file, which are held in memory whole while they are prepared."""

MOST_PICKLE_BYTES = 64_000_000
"""In one batch file of CIFAR, which has 31 MB."""

MOST_TAR_BYTES = 400_000_000
"""Out of a .tar.gz; CIFAR-10 has 186 MB."""

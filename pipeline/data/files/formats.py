"""The formats of picture files that are opened: those of Pillow whose decoders run in this process.

Left out are formats that start other programs or draw (EPS, PDF, WMF), those that Pillow only recognises (BUFR, GRIB,
HDF5, MPEG) or is about to drop (IM), containers of scientific data that unpack without a limit (FITS), and Photo CD,
because files that end in `.pcd` are mostly point clouds.
"""

from collections.abc import Mapping
from pathlib import PurePosixPath

from PIL import features

from pipeline.data.files.rules import Rules
from pipeline.data.files.shades_0_3 import ENDINGS_0_3, FORMATS_0_3

BY_CONTENT: Mapping[str, tuple[str, ...]] = {
    "PNG": (".png", ".apng"),
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),
    "BMP": (".bmp",),
    "DIB": (".dib",),
    "GIF": (".gif",),
    "WEBP": (".webp",),
    "TIFF": (".tif", ".tiff"),
    "PPM": (".ppm", ".pgm", ".pbm", ".pnm", ".pfm"),
    "AVIF": (".avif", ".avifs"),
    "JPEG2000": (".jp2", ".j2k", ".jpc", ".jpf", ".jpx", ".j2c"),
    "ICO": (".ico",),
    "ICNS": (".icns",),
    "DDS": (".dds",),
    "PSD": (".psd",),
    "QOI": (".qoi",),
    "BLP": (".blp",),
    "FTEX": (".ftc", ".ftu"),
}
"""Formats that are recognised by how a file begins, whatever its name ends in -> their usual endings."""

BY_ENDING: Mapping[str, tuple[str, ...]] = {
    "TGA": (".tga", ".icb", ".vda", ".vst"),
    "PCX": (".pcx",),
    "DCX": (".dcx",),
    "CUR": (".cur",),
    "SGI": (".sgi", ".rgb", ".rgba", ".bw"),
    "SUN": (".ras",),
    "XBM": (".xbm",),
    "XPM": (".xpm",),
    "MSP": (".msp",),
    "FLI": (".fli", ".flc"),
    "GBR": (".gbr",),
    "PIXAR": (".pxr",),
}
"""Formats whose files begin like many others -> the endings with which alone they are tried, after all others."""

ENDINGS = frozenset(ending for endings in (*BY_CONTENT.values(), *BY_ENDING.values()) for ending in endings)

_OF_ALL = tuple(BY_CONTENT)
_OF_ENDING = {
    ending: (*BY_CONTENT, *(each for each, own in BY_ENDING.items() if ending in own))
    for endings in BY_ENDING.values()
    for ending in endings
}

OPTIONAL: Mapping[str, str] = {"AVIF": "avif", "JPEG2000": "jpg_2000", "WEBP": "webp", "TIFF": "libtiff"}
"""Formats that Pillow may have been built without -> Pillow's name of the feature."""


def endings(rules: Rules = "0.4") -> frozenset[str]:
    """The endings, in lower case, of files that are taken for pictures."""
    return ENDINGS_0_3 if rules == "0.3" else ENDINGS


def formats(name: str, rules: Rules = "0.4") -> tuple[str, ...]:
    """The formats, as Pillow names them, that a file of this name may have, in the order in which they are tried."""
    if rules == "0.3":
        return FORMATS_0_3
    # Not by PurePosixPath, which takes a tenth of the time in which a small picture is decoded.
    dot = name.rfind(".")
    return _OF_ENDING.get(name[dot:].lower(), _OF_ALL) if dot > name.rfind("/") + 1 else _OF_ALL


def missing_format(name: str) -> str:
    """The format of a file of this name if Pillow was built without it on this machine, otherwise ""."""
    ending = PurePosixPath(name).suffix.lower()
    return next(
        (each for each, feature in OPTIONAL.items() if ending in BY_CONTENT[each] and not features.check(feature)), ""
    )

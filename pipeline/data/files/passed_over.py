"""Names of files and folders that systems, cameras and programs put next to pictures on their own.

They are passed over wherever they are, in folders, zips and tars alike: thumbnails of the same pictures are not data.
"""

PASSED_OVER = frozenset((
    "__macosx", "__pycache__", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r",
    "@eadir", "@tmp", "@recycle", "@recently-snapshot", "@sharebin", "@appshare", "#recycle", "#snapshot",
    "$recycle.bin", "recycler", "recycled", "system volume information", "lost+found", "lost.dir", "found.000",
    "network trash folder", "temporary items", "thmbnl", "captureone", "node_modules",
))  # fmt: skip
"""In lower case: archives of macOS, Python, Windows, Synology, QNAP, file systems, Sony's cameras, Capture One."""

ENDINGS = (".lrdata", ".lrcat-data", ".cocatalogdb")
"""Of folders of previews: Lightroom's and Capture One's."""


def is_passed_over(part: str) -> bool:
    """Whether a file or folder of this name is passed over; all names that begin with a dot are."""
    name = part.lower()
    return name.startswith(".") or name in PASSED_OVER or name.endswith(ENDINGS)


def is_inside_passed_over(name: str) -> bool:
    """Whether a part of a name with `/` is passed over."""
    return any(map(is_passed_over, name.split("/")))

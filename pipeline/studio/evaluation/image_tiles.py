"""Evaluated images as tiles for the screen, framed, and as one labelled picture to download. Torch-free.

A dashed frame tells the same as its colour, for those who see no difference. Images are enlarged by whole factors
without interpolation, since users judge the pixels.
"""

from collections.abc import Mapping, Sequence
from io import BytesIO
from math import ceil
from typing import NamedTuple

from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from pipeline import VERSION
from pipeline.graph import document
from pipeline.graph.workflow import Json
from pipeline.runs.store import RunRecord

SHARP_WIDTH = 168
"""Minimum width of an image in a tile in pixels, so that no browser blurs it."""
FRAME, STRIP, SPACE, DASH = 8, 8, 4, 20
"""In pixels of a tile: its frame, the strip of its kind, the space between, and a dash or gap of the frame."""
MARGIN, LINE, LETTERS = 16, 22, 18
"""In pixels of the picture to download: between tiles, the height of a line of text, and that of its letters."""
MARKS = str.maketrans("", "", "✓✗")
"""Pillow's font does not have them; words say the same."""
QUICK, THOROUGH = 1, 6
"""Levels of compression: a page has dozens of tiles and is drawn at once."""
PAPER, INK = "#FFFFFF", "#1F2430"


class Part(NamedTuple):
    """An image of a tile. png: as it is. colour: of the strip below it, which says what kind of image it is."""

    png: bytes
    colour: str


class Tile(NamedTuple):
    """Images side by side in a frame, and what is said of them. frame: its colour, "" for none. dashed: whether its
    line is dashed. lines: short texts, one below the other."""

    parts: tuple[Part, ...]
    lines: tuple[str, ...]
    frame: str = ""
    dashed: bool = False


def tile_png(tile: Tile) -> bytes:
    """A tile without its lines, transparent around the images."""
    return _png(_drawn(tile), effort=QUICK)


def sheet_png(tiles: Sequence[Tile], columns: int, title: str, texts: Mapping[str, str]) -> bytes:
    """All tiles with their lines in one picture. title: a line above them. texts: for the PNG's text chunks."""
    drawn = [_drawn(tile) for tile in tiles]
    width, height = (max(size) for size in zip(*(each.size for each in drawn), strict=True))
    across, down = width + MARGIN, height + MARGIN + LINE * max(len(tile.lines) for tile in tiles)
    rows = ceil(len(tiles) / columns)
    sheet = Image.new("RGB", (MARGIN + across * columns, 2 * MARGIN + 2 * LINE + down * rows), PAPER)
    pen = ImageDraw.Draw(sheet)
    pen.text((MARGIN, MARGIN // 2), title, INK, font_size=LETTERS)
    for place, (tile, picture) in enumerate(zip(tiles, drawn, strict=True)):
        row, column = divmod(place, columns)
        left, top = MARGIN + across * column, MARGIN + 2 * LINE + down * row
        sheet.paste(picture, (left, top), picture)
        for number, line in enumerate(tile.lines):
            words = " ".join(line.translate(MARKS).split())
            pen.text((left, top + height + LINE * number), words, INK, font_size=LETTERS)
    return _png(sheet, texts)


def texts_of(record: RunRecord, step: int, seed: int, facts: Mapping[str, Json]) -> dict[str, str]:
    """Text chunks of a picture of a run's images: its workflow, and how they were made. facts: more of that.

    Raises UnreadableDocument.
    """
    workflow = document.read(record.workflow_text, "The run's workflow")
    return document.png_texts(workflow, record.id, step, seed, VERSION, facts)


def _drawn(tile: Tile) -> Image.Image:
    images = [_enlarged(part.png) for part in tile.parts]
    border = FRAME + SPACE
    width = sum(each.width for each in images) + SPACE * (len(images) - 1) + 2 * border
    height = max(each.height for each in images) + SPACE + STRIP + 2 * border
    canvas = Image.new("RGBA", (width, height))
    pen, left = ImageDraw.Draw(canvas), border
    for part, image in zip(tile.parts, images, strict=True):
        canvas.paste(image, (left, border))
        top = border + image.height + SPACE
        pen.rectangle((left, top, left + image.width - 1, top + STRIP - 1), part.colour)
        left += image.width + SPACE
    if tile.frame:
        _frame(pen, width, height, tile.frame, dashed=tile.dashed)
    return canvas


def _frame(pen: ImageDraw.ImageDraw, width: int, height: int, colour: str, *, dashed: bool) -> None:
    step = DASH if dashed else max(width, height)
    for start in range(0, width, 2 * step):
        end = min(start + step, width) - 1
        pen.rectangle((start, 0, end, FRAME - 1), colour)
        pen.rectangle((start, height - FRAME, end, height - 1), colour)
    for start in range(0, height, 2 * step):
        end = min(start + step, height) - 1
        pen.rectangle((0, start, FRAME - 1, end), colour)
        pen.rectangle((width - FRAME, start, width - 1, end), colour)


def _enlarged(png: bytes) -> Image.Image:
    with Image.open(BytesIO(png)) as image:
        factor = ceil(SHARP_WIDTH / image.width)
        return image.convert("RGB").resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)


def _png(picture: Image.Image, texts: Mapping[str, str] | None = None, effort: int = THOROUGH) -> bytes:
    chunks = PngInfo()
    for name, text in (texts or {}).items():
        chunks.add_text(name, text)
    stream = BytesIO()
    picture.save(stream, "PNG", pnginfo=chunks, compress_level=effort)
    return stream.getvalue()

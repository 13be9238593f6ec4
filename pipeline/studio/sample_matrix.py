"""Labelled tables of pictures to download: samples by checkpoint and seed, and the way to images. Torch-free."""

import json
from collections.abc import Mapping, Sequence
from io import BytesIO

from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

MOST = 6
"""Rows, and columns, of a matrix."""
GAP, LABEL_WIDTH, LABEL_HEIGHT = 8, 120, 24
"""In pixels, of the picture to download."""
PAPER, INK = "#FFFFFF", "#1F2430"


def default_steps(steps: Sequence[int], count: int) -> list[int]:
    """At most `count` of these steps, evenly spread, with the first and the last; ascending."""
    ordered = sorted(steps)
    if len(ordered) <= count:
        return ordered
    if count == 1:
        return ordered[-1:]
    return [ordered[round((len(ordered) - 1) * place / (count - 1))] for place in range(count)]


def matrix_png(cells: Sequence[Sequence[bytes]], steps: Sequence[int], seeds: Sequence[int]) -> bytes:
    """All cells in one labelled PNG, with the workflow that they contain.

    cells: PNGs of one size, a row for each step, a column for each seed. Its metadata name the last row's step and the
    first seed, as those of a single grid do, and in addition all steps and seeds.
    """
    rows, columns = [f"step {step:,}" for step in steps], [f"seed {seed}" for seed in seeds]
    return _labelled(cells, rows, columns, {"steps": list(steps), "seeds": list(seeds)})


def path_png(paths: Sequence[tuple[str, Sequence[tuple[str, bytes]]]]) -> bytes:
    """The way from noise to images in one labelled PNG, with the workflow and the facts of the last path.

    paths: (title, moments) of each, one below the other; a moment is its label and a PNG, all of one size.
    """
    cells = [[picture for _, picture in moments] for _, moments in paths]
    labels = [label for label, _ in paths[0][1]]
    return _labelled(cells, [title for title, _ in paths], labels, {"moment": None, "moments": labels})


def side_by_side_png(pictures: Sequence[tuple[str, bytes]]) -> bytes:
    """Pictures with a title each in one labelled PNG, with the workflow and the facts of the first."""
    titles = [title for title, _ in pictures]
    return _labelled([[picture for _, picture in pictures]], [""], titles, {"beside": titles[1:]})


def _labelled(
    cells: Sequence[Sequence[bytes]], rows: Sequence[str], columns: Sequence[str], more: Mapping[str, object]
) -> bytes:
    """A table of pictures, each in a cell as large as the largest.

    more: facts for its metadata, besides those of the first picture of the last row; None removes one of those.
    """
    sizes = [Image.open(BytesIO(picture)).size for row in cells for picture in row]
    width, height = max(each for each, _ in sizes), max(each for _, each in sizes)
    with Image.open(BytesIO(cells[-1][0])) as first:
        texts = {name: str(text) for name, text in first.info.items() if name in ("prompt", "training")}
    facts = {
        name: fact for name, fact in (json.loads(texts.get("training", "{}")) | dict(more)).items() if fact is not None
    }
    across, down = width + GAP, height + GAP
    sheet = Image.new("RGB", (LABEL_WIDTH + across * len(columns), LABEL_HEIGHT + down * len(rows)), PAPER)
    pen = ImageDraw.Draw(sheet)
    for column, label in enumerate(columns):
        pen.text((LABEL_WIDTH + across * column, GAP // 2), label, INK)
    for row, (label, pictures) in enumerate(zip(rows, cells, strict=True)):
        top = LABEL_HEIGHT + down * row
        pen.text((GAP, top), label, INK)
        for column, picture in enumerate(pictures):
            with Image.open(BytesIO(picture)) as image:
                sheet.paste(image.convert("RGB"), (LABEL_WIDTH + across * column, top))
    chunks = PngInfo()
    for name, text in (texts | {"training": json.dumps(facts)}).items():
        chunks.add_text(name, text)
    stream = BytesIO()
    sheet.save(stream, "PNG", pnginfo=chunks)
    return stream.getvalue()

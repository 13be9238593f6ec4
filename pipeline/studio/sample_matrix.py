"""A matrix of samples: a row for each checkpoint, a column for each seed. Torch-free."""

import json
from collections.abc import Sequence
from io import BytesIO

from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

MOST = 6
"""Rows, and columns, of a matrix."""
GAP, LABEL_WIDTH, LABEL_HEIGHT = 8, 110, 24
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
    with Image.open(BytesIO(cells[-1][0])) as first:
        width, height = first.size
        texts = {name: str(text) for name, text in first.info.items() if name in ("prompt", "training")}
    facts = json.loads(texts.get("training", "{}")) | {"steps": list(steps), "seeds": list(seeds)}
    across, down = width + GAP, height + GAP
    sheet = Image.new("RGB", (LABEL_WIDTH + across * len(seeds), LABEL_HEIGHT + down * len(steps)), PAPER)
    pen = ImageDraw.Draw(sheet)
    for column, seed in enumerate(seeds):
        pen.text((LABEL_WIDTH + across * column, GAP // 2), f"seed {seed}", INK)
    for row, (step, pictures) in enumerate(zip(steps, cells, strict=True)):
        top = LABEL_HEIGHT + down * row
        pen.text((GAP, top), f"step {step:,}", INK)
        for column, picture in enumerate(pictures):
            with Image.open(BytesIO(picture)) as image:
                sheet.paste(image.convert("RGB"), (LABEL_WIDTH + across * column, top))
    chunks = PngInfo()
    for name, text in (texts | {"training": json.dumps(facts)}).items():
        chunks.add_text(name, text)
    stream = BytesIO()
    sheet.save(stream, "PNG", pnginfo=chunks)
    return stream.getvalue()

import json
from io import BytesIO

import numpy as np
from PIL import Image

from pipeline.graph import document
from pipeline.sampling.grid import grid_png
from pipeline.studio import workflows
from pipeline.studio.sample_matrix import GAP, LABEL_HEIGHT, LABEL_WIDTH, default_steps, matrix_png


def test_the_checkpoints_shown_first_are_spread_over_the_run():
    assert default_steps([300, 200, 100, 0], 6) == [0, 100, 200, 300]
    assert default_steps(range(0, 1001, 100), 3) == [0, 500, 1000]
    assert default_steps([0, 5], 1) == [5]


def test_the_picture_has_every_cell_in_its_place_and_the_workflow():
    texts = document.png_texts(workflows.open_template("mlp-gan"), "a-run", 20, 3, "9")
    cells = [
        [grid_png(np.full((1, 4, 4, 1), shade, np.uint8), scale=1, texts=texts) for shade in row]
        for row in ((10, 20), (30, 40))
    ]
    with Image.open(BytesIO(matrix_png(cells, [10, 20], [3, 4]))) as sheet:
        for row in range(2):
            for column in range(2):
                place = (LABEL_WIDTH + column * (4 + GAP) + 1, LABEL_HEIGHT + row * (4 + GAP) + 1)
                assert sheet.getpixel(place) == (10 * (2 * row + column + 1),) * 3
        facts = json.loads(sheet.info["training"])
        assert (facts["run"], facts["steps"], facts["seeds"]) == ("a-run", [10, 20], [3, 4])
        assert document.read(sheet.info["prompt"], "it").nodes

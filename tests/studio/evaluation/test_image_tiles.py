"""Tiles of evaluated images, and the picture of them to download."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from pipeline.graph import document
from pipeline.graph.workflow import Workflow
from pipeline.sampling.grid import image_png
from pipeline.studio.evaluation.image_tiles import FRAME, SHARP_WIDTH, SPACE, Part, Tile, sheet_png, texts_of, tile_png

BLUE, RED, GREEN, PURPLE = (0, 0, 255), (255, 0, 0), (0, 128, 0), (128, 0, 128)
HEX = {BLUE: "#0000FF", RED: "#FF0000", GREEN: "#008000", PURPLE: "#800080"}
INNER = FRAME + SPACE


def part(colour=GREEN, side=28, channels=1):
    return Part(image_png(np.full((side, side, channels), 200, np.uint8)), HEX[colour])


def pixels(png):
    return np.asarray(Image.open(BytesIO(png)).convert("RGBA"))


def test_an_image_is_enlarged_by_a_whole_factor_and_has_the_colour_of_its_kind_below():
    found = pixels(tile_png(Tile((part(GREEN), part(PURPLE, channels=3)), ())))
    height, width, _ = found.shape
    assert (found[INNER : INNER + SHARP_WIDTH, INNER : INNER + SHARP_WIDTH, :3] == 200).all()
    assert tuple(found[height - INNER - 1, INNER, :3]) == GREEN
    assert tuple(found[height - INNER - 1, width - INNER - 1, :3]) == PURPLE


def test_a_large_image_keeps_its_size():
    found = pixels(tile_png(Tile((part(side=200),), ())))
    assert found.shape[1] == 200 + 2 * INNER


def test_the_page_shows_through_around_a_tile_without_a_frame():
    assert pixels(tile_png(Tile((part(),), ())))[0, :, 3].max() == 0


@pytest.mark.parametrize(("dashed", "drawn"), [(False, {255}), (True, {0, 255})])
def test_a_dashed_frame_differs_from_a_solid_one_also_without_colour(dashed, drawn):
    found = pixels(tile_png(Tile((part(),), (), HEX[RED], dashed=dashed)))
    for edge in (found[0], found[-1], found[:, 0], found[:, -1]):
        assert set(edge[:, 3].tolist()) == drawn
        assert {tuple(each[:3]) for each in edge if each[3]} == {RED}


def test_the_picture_to_download_has_all_tiles_and_contains_its_workflow(new_run):
    text = document.write(Workflow("digits", {}))
    record = new_run(workflow_text=text)
    tiles = [Tile((part(),), ("Sample 1", "✗ wrong"), HEX[each]) for each in (BLUE, RED, BLUE)]
    sheet = sheet_png(tiles, 2, "Samples", texts_of(record, 400, 3, {"view": "verdicts"}))
    with Image.open(BytesIO(sheet)) as picture:
        assert picture.info["training"].startswith(f'{{"run": "{record.id}", "step": 400, "seed": 3')
        assert picture.info["training"].endswith('"view": "verdicts"}')
        colours = {colour for _, colour in picture.getcolors(10**6)}
        one, two = (tile_png(each) for each in tiles[:2])
        assert picture.width > 2 * Image.open(BytesIO(one)).width and picture.height > 2 * pixels(two).shape[0]
    assert {BLUE, RED, GREEN} <= colours
    assert document.read_png(sheet) == Workflow("digits", {})

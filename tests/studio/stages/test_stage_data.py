import math
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from pipeline.runtime.messages.snapshot import StageSnapshot
from pipeline.sampling.grid import grid_png
from pipeline.studio.stages import stage_data

TERMS = {"real": "real images", "fake": "generated images"}
WEIGHTS = (
    {"name": "conv.weight", "shape": [8, 1, 4, 4], "weight": 2.0, "gradient": 0.3, "update": 0.002},
    {"name": "conv.bias", "shape": [8], "weight": 0.0, "gradient": 0.0, "update": 0.01},
    {"name": "linear.bias", "shape": [1], "weight": 1.0, "gradient": math.inf, "update": None},
)


def stage(name, **found):
    place = {"number": 3, "of": 14, "next_update": "generator", "next_name": "loss", "next_node": "objective"}
    return StageSnapshot(update="discriminator", name=name, node="objective", **place, **found)


def pictures(count, size=28):
    images = np.random.default_rng(0).integers(0, 256, (count, 1, size, size, 3), np.uint8)
    return [grid_png(image) for image in images]


def opened(png):
    with Image.open(BytesIO(png)) as image:
        return image.copy()


def test_small_images_are_unscaled_with_a_transparent_margin():
    images = pictures(24)
    (tiles,) = stage_data.tiles(images, stage("draw real images"))
    assert (len(tiles.pngs), tiles.columns, tiles.captions) == (21, 7, ())
    tile, image = opened(tiles.pngs[3]), opened(images[3])
    assert tile.width == tiles.width == image.width + 2 * stage_data.MARGIN
    assert tile.convert("RGB").crop((2, 2, 58, 58)).tobytes() == image.tobytes()
    assert tile.getpixel((0, 0))[3] == 0


def test_scored_images_have_captions_and_fewer_rows():
    (tiles,) = stage_data.tiles(pictures(24), stage("score fake", scores=tuple(n / 64 for n in range(64))))
    assert len(tiles.pngs) == len(tiles.captions) == 14
    assert tiles.captions[:3] == ("0.000", "0.016", "0.031")


def test_large_scores_are_shown_with_three_significant_digits():
    (tiles,) = stage_data.tiles(pictures(2), stage("score fake", scores=(-12345.6, 2.0)))
    assert tiles.captions == ("-1.23e+04", "2")


def test_large_images_are_fewer_and_no_larger_than_a_quarter_of_the_row():
    (tiles,) = stage_data.tiles(pictures(24, 256), stage("generate"))
    assert tiles.width * tiles.columns <= stage_data.ROOM
    assert len(tiles.pngs) == 9


def test_without_images_there_are_no_tiles():
    assert stage_data.tiles([], stage("draw noise"))[0].pngs == ()


def test_the_histogram_of_probabilities_spans_0_to_1():
    table = stage_data.score_table(stage("score real", scores=(0.0, 0.01, 0.5, 1.0, math.nan)), probability=True)
    assert sum(table["images"].to_pylist()) == 4
    assert table["images"][0].as_py() == 2
    assert (table["low"][0].as_py(), table["high"][-1].as_py()) == (0, 1)


@pytest.mark.parametrize(("scores", "span"), [((-3.0, 7.0), (-3, 7)), ((2.0, 2.0), (1.5, 2.5)), ((math.inf,), (0, 1))])
def test_the_histogram_of_a_critics_scores_spans_lowest_to_highest(scores, span):
    table = stage_data.score_table(stage("score real", scores=scores), probability=False)
    assert (table["low"][0].as_py(), table["high"][-1].as_py()) == span


def test_latents_have_one_row_per_number_and_long_vectors_are_cut():
    table = stage_data.latent_table(stage("draw noise", latents=((1.0, 2.0), (3.0, 4.0))))
    assert table.to_pydict() == {"vector": [1, 1, 2, 2], "dimension": [1, 2, 1, 2], "value": [1, 2, 3, 4]}
    long = stage_data.latent_table(stage("draw noise", latents=(tuple(map(float, range(4096))),)))
    assert long.num_rows == long["dimension"][-1].as_py() == stage_data.MOST_DIMENSIONS


def test_the_terms_of_a_loss_come_before_their_sum():
    values = {"D_loss: real": 0.64, "D_loss: fake": 0.57, "D_loss": 1.21, "D_real": 0.5}
    assert stage_data.loss_table(stage("loss", values=values), TERMS, {}) == {
        "Term": ["real images", "generated images", "D_loss"],
        "Value": ["0.64", "0.57", "1.21"],
    }


def test_a_penalty_is_listed_with_its_weight_and_its_contribution():
    values = {"gradient_penalty": 0.8, "D_loss": 8.2, "critic_slope": 0.1}
    table = stage_data.loss_table(stage("penalty", values=values), TERMS, {"objective.penalty_weight": 10.0})
    assert dict(zip(*table.values(), strict=True)) == {
        "gradient_penalty": "0.8",
        "weight of gradient_penalty": "10",
        "gradient_penalty, weighted": "8",
        "critic_slope": "0.1",
        "D_loss": "8.2",
    }
    assert list(table["Term"])[-1] == "D_loss"


def test_other_stages_list_their_values():
    assert stage_data.loss_table(stage("mix"), TERMS, {})["Term"] == []
    assert stage_data.loss_table(stage("mix", values={"share": 0.5}), TERMS, {}) == {
        "Term": ["share"],
        "Value": ["0.5"],
    }


def test_weights_are_in_the_networks_order_with_their_gradient_norm():
    table = stage_data.gradient_table(stage("gradients", parameters=WEIGHTS)).to_pydict()
    assert table["Weights"] == ["conv.weight", "conv.bias", "linear.bias"]
    assert table["Shape"] == ["8×1×4×4", "8", "1"]
    assert table["Gradient norm"] == [0.3, 0.0, None]


def test_the_update_ratio_is_null_for_zero_weights():
    table = stage_data.update_table(stage("update", parameters=WEIGHTS))
    assert table["Ratio"].to_pylist() == [0.001, None, None]
    assert stage_data.tensor_table(table, "Ratio").to_pydict() == {"name": ["conv.weight"], "value": [0.001]}

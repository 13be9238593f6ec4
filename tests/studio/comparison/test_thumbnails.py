import base64
from io import BytesIO

import numpy as np
from PIL import Image

from pipeline.studio.comparison.thumbnails import SIDE, thumbnail


def png(pixels):
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def shown(url):
    head, _, content = url.partition(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(BytesIO(base64.b64decode(content))))


def test_a_thumbnail_is_the_corner_of_the_newest_grid(store, new_run):
    run = new_run()
    pixels = np.zeros((300, 400, 3), np.uint8)
    pixels[: 2 * SIDE, : 2 * SIDE] = (10, 20, 30)
    store.files(run.id).save_grid(1, png(np.full((300, 400), 255, np.uint8)))
    store.files(run.id).save_grid(20, png(pixels))

    found = shown(thumbnail(store, run.id))
    assert found.shape == (SIDE, SIDE, 3) and (found == (10, 20, 30)).all()


def test_a_grid_smaller_than_that_is_shown_whole(store, new_run):
    run = new_run()
    store.files(run.id).save_grid(1, png(np.full((8, 20), 7, np.uint8)))

    assert (shown(thumbnail(store, run.id)) == 7).all()


def test_a_run_without_a_readable_grid_has_none(store, new_run):
    run, broken = new_run(), new_run()
    store.files(broken.id).save_grid(1, b"no picture")

    assert thumbnail(store, run.id) == thumbnail(store, broken.id) == ""

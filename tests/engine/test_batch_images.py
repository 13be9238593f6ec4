"""A value that is not finite is explained with the training images of its batch."""

from collections.abc import Callable
from io import BytesIO

import numpy as np
import torch
from PIL import Image

from pipeline.data.images import BatchOrder, ImageSet
from pipeline.engine.batch_images import BatchImages
from pipeline.graph.workflow import Workflow
from pipeline.runs.store import Store
from pipeline.runtime.messages.commands import Chunk, Run
from tests.engine.conftest import Bench


def test_the_image_that_made_a_score_not_finite_is_named_recorded_and_shown(
    bench: Bench, small: Callable[..., Workflow], home
) -> None:
    run = bench.start(small())
    bench.chunk(3)
    trainer = bench.run.trainer
    pixels = trainer.experiment.images.train.pixels
    # The third image of the fourth batch is white, which makes the score of it NaN.
    place = int(BatchOrder(trainer.state.seed, len(pixels), 8).indices(trainer.state.images_seen)[2])
    pixels[place] = 255
    trainer.state.networks["discriminator"].register_forward_hook(
        lambda module, inputs, scores: torch.where(inputs[0].flatten(1).amin(1) == 1, torch.nan, scores)
    )
    bench.ask(Chunk, steps=3)
    bench.go_on()
    assert (bench.snapshot.stop_kind, bench.snapshot.step) == ("not finite", 3)
    assert f"'score real' of the discriminator's update. It came from training image {place + 1:,}. Go back" in (
        bench.snapshot.stopped
    )
    with Store(home) as store:
        assert store.events(run)[-1].data == {"images": [place + 1]}
    shown = np.asarray(Image.open(BytesIO(bench.snapshot.stop_images)))
    assert shown.min() == 255
    pixels[place] = 0
    bench.ask(Run)
    bench.advance()
    assert bench.snapshot.stop_images == b""


def test_images_have_the_names_of_their_files_or_their_numbers() -> None:
    pixels = torch.zeros(12, 1, 4, 4, dtype=torch.uint8)
    labels = torch.zeros(12, dtype=torch.int64)
    numbered = ImageSet(pixels, labels)
    named = ImageSet(pixels, labels, names=tuple(f"cat/{number}.png" for number in range(12)))
    assert BatchImages(numbered, ()).sentence() == "" and BatchImages(numbered, ()).png() == b""
    assert BatchImages(numbered, (3, 0)).sentence() == "The batch had training images 4 and 1."
    assert BatchImages(named, tuple(range(12))).sentence() == (
        "The batch had training images cat/0.png, cat/1.png, cat/2.png, cat/3.png, cat/4.png, cat/5.png, cat/6.png, "
        "cat/7.png and 4 more."
    )
    assert BatchImages(named, (3, 0), bad=(0,)).sentence() == "It came from training image cat/0.png."
    assert BatchImages(named, (3, 0), bad=(0,)).facts() == {"images": [1], "names": ["cat/0.png"]}

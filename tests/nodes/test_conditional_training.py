"""Conditional networks learn their classes: a classifier recognises their samples."""

import pytest
import torch
from sklearn.neighbors import KNeighborsClassifier

from pipeline.nodes.assemble import assemble
from pipeline.training.trainer import Trainer

pytestmark = pytest.mark.usefixtures("one_thread")

PER_CLASS = 10
LEARN_FASTER = ("generator_optimizer.beta1=0.5", "discriminator_optimizer.beta1=0.5")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("dcgan", ()),
        ("mlp-gan", ("generator.hidden=128,128", "discriminator.hidden=128,128", *LEARN_FASTER)),
    ],
)
def test_after_a_short_training_samples_are_recognised_as_their_class(small, tmp_path, name, settings):
    rates = [f"{role}_optimizer.learning_rate=0.001" for role in ("generator", "discriminator")]
    workflow = small(name, "generator.classes=10", "discriminator.conditional=true", "noise.dim=64", *rates, *settings)
    trainer = Trainer.fresh(assemble(workflow, tmp_path, seed=1))
    trainer.slice(400, seconds=120)

    real = trainer.experiment.images
    classifier = KNeighborsClassifier(3).fit(real.train.pixels.flatten(1), real.train.labels)
    assert classifier.score(real.held_out.pixels.flatten(1), real.held_out.labels) > 0.95
    asked = torch.arange(10).repeat_interleave(PER_CLASS)
    noise = torch.randn(len(asked), 64, generator=torch.Generator().manual_seed(0))
    latents = torch.cat([noise, torch.nn.functional.one_hot(asked, 10)], dim=1)
    with torch.no_grad():
        samples = trainer.state.network("generator", "ema")(latents)
    pixels = samples.add(1).mul(127.5).flatten(1)
    # Chance is a tenth.
    assert classifier.score(pixels, asked) > 0.7
    # The images of one class still depend on the noise.
    assert samples.unflatten(0, (10, PER_CLASS)).std(dim=1).mean() > 0.02

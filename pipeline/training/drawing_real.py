"""The beginning of every update: the next real images of the run's order."""

from pipeline.data.batches import Batches
from pipeline.training.experiment import Settings
from pipeline.training.parts import RealImages
from pipeline.training.stages import Made, Operation
from pipeline.training.state import TrainState


def draw_real_images(images: RealImages, settings: Settings, labelled: bool = False) -> Operation:
    """The next batch of images to learn from: `real` (B, C, H, W) in [-1, 1], augmented where `images` say how, and
    `labels` (B,) int64 if `labelled`."""
    train = images.train
    batches = Batches(train, settings.seed, settings.batch_size)

    def run(state: TrainState, made: Made) -> Made:
        batch = batches.after(state.images_seen)
        state.images_seen += settings.batch_size
        real = images.augment(batch.images, state.generator, state.live) if images.augment else batch.images
        return {"real": real} | ({"labels": train.labels.index_select(0, batch.indices)} if labelled else {})

    return Operation("draw real images", images.node, run)

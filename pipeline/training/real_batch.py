"""The first stages of every update: draw the next batch of real images and augment it."""

from pipeline.augmentation.live import LiveAugmentation
from pipeline.data.batches import Batches
from pipeline.training.parts import RealImages
from pipeline.training.settings import Settings
from pipeline.training.stages import Made, Operation
from pipeline.training.state import TrainState


def draw_real_images(images: RealImages, settings: Settings, labelled: bool = False) -> tuple[Operation, ...]:
    """The stages that draw the next training batch and apply each augmentation, as a stage of the augmentation's node.

    They make `real` (B, C, H, W) in [-1, 1], and `labels` (B,) int64 if `labelled`.
    """
    train = images.train
    batches = Batches(train, settings.seed, settings.batch_size)

    def run(state: TrainState, made: Made) -> Made:
        batch = batches.after(state.images_seen)
        state.images_seen += settings.batch_size
        drawn = {"real": batch.images}
        return drawn | {"labels": train.labels.index_select(0, batch.indices)} if labelled else drawn

    augmentations = images.augment.in_order if images.augment else ()
    return (Operation("draw real images", images.node, run), *map(_augment, augmentations))


def _augment(augmentation: LiveAugmentation) -> Operation:
    def run(state: TrainState, made: Made) -> Made:
        return {"real": augmentation.alone(made["real"], state.random, state.live)}

    return Operation("augment real images", augmentation.node, run)

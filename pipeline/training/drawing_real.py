"""The beginning of every update: the next real images of the run's order."""

from pipeline.data.images import BatchOrder
from pipeline.training.experiment import Settings
from pipeline.training.parts import RealImages
from pipeline.training.stages import Made, Operation
from pipeline.training.state import TrainState


def draw_real_images(images: RealImages, settings: Settings, labelled: bool = False) -> Operation:
    """The next batch of images to learn from: `real` (B, C, H, W) in [-1, 1], and `labels` (B,) int64 if `labelled`."""
    train = images.train
    order = BatchOrder(settings.seed, train.count, settings.batch_size, settings.device)

    def run(state: TrainState, made: Made) -> Made:
        indices = order.indices(state.images_seen)
        state.images_seen += settings.batch_size
        drawn = {"real": train.batch(indices)}
        return drawn | {"labels": train.labels.index_select(0, indices)} if labelled else drawn

    return Operation("draw real images", images.node, run)

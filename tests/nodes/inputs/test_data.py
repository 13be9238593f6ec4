from typing import get_args

from pipeline.data.sets import FACTS
from pipeline.nodes.inputs.data import ImageData


def test_every_known_data_set_can_be_chosen():
    assert set(get_args(ImageData.model_fields["dataset"].annotation)) == set(FACTS)


def test_images_keep_their_size_unless_one_is_given():
    assert ImageData(dataset="digits").infer().shape == (1, 8, 8)
    assert ImageData(dataset="digits", image_size=16).infer().shape == (1, 16, 16)
    assert ImageData(dataset="mnist-5k").infer().count == 4500

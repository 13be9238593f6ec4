"""Common properties of all operations: independent draws per image, probabilities, strengths of 0, gradients,
repeatability."""

from dataclasses import fields

import pytest
import torch

from pipeline.augmentation.augmentation import Augmentation
from pipeline.augmentation.live import OPERATIONS
from pipeline.nodes.inputs.diff_augment import DiffAugment

STRENGTHS = {
    "horizontal_flip": 0.5,
    "vertical_flip": 0.5,
    "rotate": 40.0,
    "scale": 0.3,
    "translate": 0.3,
    "crop": 0.4,
    "brightness": 0.3,
    "contrast": 0.3,
    "saturation": 0.5,
    "cutout": 0.4,
    "noise": 0.2,
}
EVERYTHING = Augmentation(**STRENGTHS)
EACH = pytest.mark.parametrize("operation", STRENGTHS)
AS_THE_NODE_COMES = Augmentation(**{name: DiffAugment.model_fields[name].default for name in OPERATIONS})


def only(operation: str) -> Augmentation:
    return Augmentation(**{operation: STRENGTHS[operation]})


def test_every_operation_is_tested_here():
    assert [field.name for field in fields(Augmentation)] == list(STRENGTHS)


@EACH
def test_equal_images_are_augmented_differently(images, generator, operation):
    equal = images(count=1, channels=3).expand(64, -1, -1, -1)
    after = only(operation).apply(equal, generator)
    # An image has only two mirrored versions.
    assert len(after.flatten(1).unique(dim=0)) >= (2 if "flip" in operation else 9)


def test_a_strength_of_0_changes_nothing_and_draws_no_random_number(images, generator):
    state = generator.get_state()
    before = images(channels=3)
    assert torch.equal(Augmentation().apply(before, generator), before)
    assert torch.equal(generator.get_state(), state)


@EACH
@pytest.mark.parametrize("p", [0.0, torch.tensor(0.0)])
def test_a_probability_of_0_leaves_every_bit(images, generator, operation, p):
    before = images(channels=3)
    assert torch.equal(only(operation).apply(before, generator, p), before)


@EACH
def test_the_right_share_of_images_changes_and_the_others_keep_every_bit(images, generator, operation):
    before = images(count=4000, channels=3, height=8, width=8)
    after = only(operation).apply(before, generator, torch.tensor(0.4))
    changed = (after != before).flatten(1).any(1).float().mean().item()
    # If the operations are applied, half of the images are still not flipped, and a few move by less than half a pixel.
    expected = 0.4 * {"horizontal_flip": 0.5, "vertical_flip": 0.5, "translate": 0.95}.get(operation, 1.0)
    assert changed == pytest.approx(expected, abs=0.04)


def test_a_number_and_a_tensor_give_the_same_probability(images):
    results = [EVERYTHING.apply(images(), torch.Generator().manual_seed(3), p) for p in (0.5, torch.tensor(0.5))]
    assert torch.equal(*results)


def test_the_same_random_numbers_give_the_same_images(images):
    first, again, other = (EVERYTHING.apply(images(), torch.Generator().manual_seed(seed)) for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_no_random_numbers_come_from_elsewhere(images, generator):
    state = torch.get_rng_state()
    EVERYTHING.apply(images(channels=3), generator)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("layout", [torch.channels_last, torch.contiguous_format])
def test_shape_type_and_layout_are_preserved(images, generator, layout):
    before = images(channels=3, height=6, width=9).contiguous(memory_format=layout)
    after = EVERYTHING.apply(before, generator)
    assert (after.shape, after.dtype) == (before.shape, before.dtype)
    assert after.is_contiguous(memory_format=layout)


def test_images_are_not_changed_in_place(images, generator):
    before = images(channels=3)
    EVERYTHING.apply(before, generator)
    assert torch.equal(before, images(channels=3))


@EACH
def test_the_gradient_reaches_every_image(images, generator, operation):
    before = images(channels=3).requires_grad_()
    only(operation).apply(before, generator).square().sum().backward()
    assert (before.grad.flatten(1).norm(dim=1) > 0).all()


@pytest.mark.parametrize("augmentation", [EVERYTHING, AS_THE_NODE_COMES], ids=["everything", "diffaugment"])
def test_first_and_second_derivatives_match_finite_differences(images, augmentation):
    small = images(count=2, channels=3, height=4, width=4).double().requires_grad_()

    def augmented(batch):
        return augmentation.apply(batch, torch.Generator().manual_seed(5))

    assert torch.autograd.gradcheck(augmented, small)
    assert torch.autograd.gradgradcheck(augmented, small)


def test_no_operation_waits_for_the_device(images):
    # Tensors of the "meta" device have no values: asking for one, as synchronising would, fails.
    batch, p = images(channels=3).to("meta"), torch.tensor(0.5, device="meta")
    with pytest.raises(RuntimeError):
        p.item()
    # It has no random generator either; torch takes None for the device's default.
    assert EVERYTHING.apply(batch, None, p).shape == batch.shape

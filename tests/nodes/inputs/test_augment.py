"""The augmentation node: live strengths, unchanged held-out images and shapes, and chained nodes."""

from dataclasses import fields

import pytest
import torch

from pipeline.augmentation.augmentation import Augmentation
from pipeline.augmentation.live import OPERATIONS
from pipeline.graph.check import check
from pipeline.graph.edit import add_node, connect, set_parameter
from pipeline.graph.form import parameters
from pipeline.graph.layout import layout
from pipeline.graph.node import Link
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.inputs.augment import Augment
from pipeline.training.trainer import Trainer


@pytest.fixture
def augmented(small):
    """augmented({"rotate": 90}, {}): a workflow with one augmentation node for each of these settings, in a row."""

    def load(*chain):
        workflow, above = small("dcgan", "training.batch_size=16"), "data"
        for settings in chain:
            workflow, node = add_node(workflow, "Augment", NODES)
            workflow = connect(workflow, node, "images", Link(above))
            for name, value in settings.items():
                workflow = set_parameter(workflow, node, name, value, NODES)
            above = node
        return connect(workflow, "discriminator", "images", Link(above))

    return load


NOTHING = dict.fromkeys(OPERATIONS, 0.0)


def first_real(trainer):
    """The real images that the discriminator scores in the next step."""
    real = None
    for stage in trainer.stages():
        if stage.name == "score real":
            return real
        real = stage.made.get("real", real)
    raise AssertionError("no stage scores real images")


def test_the_node_has_a_live_parameter_for_every_operation():
    live = {parameter.name for parameter in parameters(Augment) if parameter.live}
    assert live == {"probability", *(field.name for field in fields(Augmentation))}
    assert {parameter.name for parameter in parameters(Augment)} == live


def test_the_defaults_do_not_flip_digits():
    assert not Augment(images=Link("data")).horizontal_flip
    assert not Augment(images=Link("data")).vertical_flip


def test_the_output_port_equals_the_input_port(augmented):
    report = check(augmented({}), NODES)
    assert report.ok
    assert report.ports["augment"] == report.ports["data"]


def test_every_training_batch_is_augmented_and_the_data_set_is_not(augmented, small, tmp_path):
    plain = Trainer.fresh(assemble(small("dcgan", "training.batch_size=16"), tmp_path))
    trainer = Trainer.fresh(assemble(augmented({}), tmp_path))
    assert (first_real(trainer) != first_real(plain)).flatten(1).any(1).all()
    for part in ("train", "held_out"):
        ours, theirs = (getattr(each.experiment.images, part) for each in (trainer, plain))
        indices = torch.arange(20)
        assert torch.equal(ours.batch(indices), theirs.batch(indices))


def test_with_all_strengths_zero_training_is_as_without_the_node(augmented, small, tmp_path):
    plain = Trainer.fresh(assemble(small("dcgan", "training.batch_size=16"), tmp_path))
    trainer = Trainer.fresh(assemble(augmented(NOTHING), tmp_path))
    ours, theirs = (each.slice(3, seconds=60).values[:, :6] for each in (trainer, plain))
    assert (ours == theirs).all()


def test_a_strength_can_be_changed_while_training(augmented, small, tmp_path):
    plain = Trainer.fresh(assemble(small("dcgan", "training.batch_size=16"), tmp_path))
    trainer = Trainer.fresh(assemble(augmented(NOTHING), tmp_path))
    trainer.set_live("augment.horizontal_flip", 1.0)
    assert torch.equal(first_real(trainer), first_real(plain).flip(3))


def test_two_augmentation_nodes_in_a_row_both_apply(augmented, small, tmp_path):
    plain = Trainer.fresh(assemble(small("dcgan", "training.batch_size=16"), tmp_path))
    workflow = augmented(NOTHING | {"horizontal_flip": 1.0}, NOTHING | {"vertical_flip": 1.0})
    trainer = Trainer.fresh(assemble(workflow, tmp_path))
    assert torch.equal(first_real(trainer), first_real(plain).flip(2, 3))


def test_each_augmentation_is_a_stage_of_its_node(augmented, tmp_path):
    trainer = Trainer.fresh(assemble(augmented({}, {}), tmp_path))
    stages = [(stage.name, stage.node) for stage in trainer.stages()]
    assert stages[:3] == [
        ("draw real images", "data"),
        ("augment real images", "augment"),
        ("augment real images", "augment_2"),
    ]


def test_a_resumed_run_draws_the_same_augmentations(augmented, tmp_path):
    experiment = assemble(augmented({"noise": 0.1}), tmp_path)
    trainer, again = Trainer.fresh(experiment), Trainer.fresh(experiment)
    trainer.slice(2, seconds=60)
    again.restore(trainer.capture())
    assert torch.equal(first_real(trainer), first_real(again))


def test_the_layout_gives_each_augmentation_its_own_place(augmented):
    places = layout(augmented({}, {}), NODES)
    assert len(set(places.values())) == len(places)
    assert places["data"][1] < places["augment"][1] < places["augment_2"][1] < places["discriminator"][1]

"""A workflow that is parsed and checked once, and what is known of it then."""

from dataclasses import replace

import pytest

from pipeline.errors.workflow import InvalidWorkflow, UnreadableDocument
from pipeline.graph import document
from pipeline.nodes.checked_workflow import checked, read_checked


def test_what_a_workflow_asks_for_is_known_before_it_is_built(small):
    asked = checked(small("dcgan", "training.seed=5", "training.device=cuda:99")).training
    assert (asked.seed, asked.batch_size, asked.images.count, asked.device) == (5, 64, 1617, "cuda:99")


def test_one_that_was_read_keeps_its_text_and_one_that_was_made_gets_one(small):
    workflow = small("dcgan")
    made = checked(workflow)
    assert document.read(made.text, "") == workflow
    read = read_checked(made.text.replace("  ", " "), "The workflow")
    assert (read.workflow, read.trained) == (workflow, made.trained)
    assert read.text == made.text.replace("  ", " ") != made.text


def test_one_with_problems_is_refused_with_all_of_them(small):
    with pytest.raises(InvalidWorkflow) as refused:
        checked(small("dcgan", "training.batch_size=0", "noise.dim=0"))
    assert "training" in str(refused.value) and "noise" in str(refused.value)


def test_one_that_could_not_be_read_again_is_refused(small):
    with pytest.raises(UnreadableDocument, match="The workflow"):
        checked(replace(small("dcgan"), name="n" * 5_000))
    with pytest.raises(UnreadableDocument, match="Bob's file"):
        read_checked("{", "Bob's file")

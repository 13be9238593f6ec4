"""A workflow that is parsed and checked once."""

from dataclasses import replace

import pytest

from pipeline.errors.workflow import InvalidWorkflow, UnreadableDocument
from pipeline.graph import document
from pipeline.nodes.checked_workflow import check_workflow, read_and_check


def test_the_training_of_a_workflow_is_known_before_it_is_built(small):
    asked = check_workflow(small("dcgan", "training.seed=5", "training.device=cuda:99")).training
    assert (asked.seed, asked.batch_size, asked.images.count, asked.device) == (5, 64, 1617, "cuda:99")


def test_a_read_workflow_keeps_its_text_and_a_created_one_gets_one(small):
    workflow = small("dcgan")
    made = check_workflow(workflow)
    assert document.read(made.text, "") == workflow
    read = read_and_check(made.text.replace("  ", " "), "The workflow")
    assert (read.workflow, read.trained) == (workflow, made.trained)
    assert read.text == made.text.replace("  ", " ") != made.text


def test_a_workflow_with_problems_is_refused_with_all_of_them(small):
    with pytest.raises(InvalidWorkflow) as refused:
        check_workflow(small("dcgan", "training.batch_size=0", "noise.dim=0"))
    assert "training" in str(refused.value) and "noise" in str(refused.value)


def test_a_workflow_that_could_not_be_read_back_is_refused(small):
    with pytest.raises(UnreadableDocument, match="The workflow"):
        check_workflow(replace(small("dcgan"), name="n" * 5_000))
    with pytest.raises(UnreadableDocument, match="Bob's file"):
        read_and_check("{", "Bob's file")

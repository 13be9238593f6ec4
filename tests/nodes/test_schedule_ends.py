"""What is said of schedules that end before the training does."""

import pytest

from pipeline.graph import edit
from pipeline.graph.check import check
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.schedule_ends import plan_remark, remark, schedule_ends, still_from, warm_up_remark
from pipeline.studio.workflows import open_template


def scheduled(template, roles, *settings):
    """The report on a template of 100 steps with a schedule after the optimizer of each of these roles."""
    workflow = edit.apply_settings(open_template(template), ["training.total_steps=100"], NODES)
    for role in roles:
        workflow, node_id = edit.insert_node(workflow, "LearningRateSchedule", f"{role}_optimizer", NODES)
        workflow = edit.apply_settings(workflow, [f"{node_id}.{setting}" for setting in settings], NODES)
    return check(workflow, NODES)


@pytest.mark.parametrize(
    ("template", "roles"), [("mlp-gan", ("generator", "discriminator")), ("autoencoder", ("encoder", "decoder"))]
)
def test_beyond_the_end_of_all_schedules_training_changes_nothing(template, roles):
    report = scheduled(template, roles, "shape=linear")
    assert still_from(report) == 100
    assert remark(report, 0, 100) == plan_remark(report) == ""
    assert "From step 100 on" in remark(report, 0, 101) and "beyond that step changes nothing" in remark(report, 0, 101)
    assert "training on changes nothing" in remark(report, 100, 101)
    assert all(role in remark(report, 0, 101) for role in roles)
    assert "learning_rate_schedule.end_factor and learning_rate_schedule_2.end_factor" in remark(report, 0, 101)


def test_a_schedule_of_one_network_says_which_is_no_longer_trained():
    report = scheduled("mlp-gan", ("generator",), "shape=cosine")
    assert still_from(report) is None
    sentence = remark(report, 0, 200)
    assert "the learning rate of the generator is 0" in sentence and "it is no longer trained" in sentence


@pytest.mark.parametrize(
    ("settings", "step"),
    [
        (("shape=constant",), None),
        (("shape=cosine", "end_factor=0.1"), None),
        (("shape=cosine", "end_factor=0.00001"), 100),
        (("shape=linear", "warmup_steps=200"), None),
        (("shape=step", "step_every=10", "step_factor=0.0"), 10),
        (("shape=step", "step_every=10", "step_factor=0.1", "warmup_steps=5"), 55),
        (("shape=step", "step_every=10", "step_factor=0.5"), None),
        (("shape=step", "step_every=10", "step_factor=1.0"), None),
    ],
)
def test_every_shape_says_where_it_ends(settings, step):
    ends = schedule_ends(scheduled("mlp-gan", ("generator",), *settings))
    assert [end.step for end in ends] == ([] if step is None else [step])
    for end in ends:
        schedule = scheduled("mlp-gan", ("generator",), *settings).ports["learning_rate_schedule"][0].schedule
        assert schedule.factor(end.step, 100) < 1e-4 <= schedule.factor(end.step - 1, 100)


def test_a_live_end_factor_counts():
    report = scheduled("mlp-gan", ("generator",), "shape=cosine")
    assert schedule_ends(report, {"learning_rate_schedule.end_factor": 0.1}) == ()


def test_a_schedule_that_ends_within_the_plan_is_told_by_the_check():
    report = scheduled("mlp-gan", ("generator", "discriminator"), "shape=step", "step_every=10", "step_factor=0.0")
    assert plan_remark(report).startswith("From step 10 on the learning rates of the generator and the discriminator")
    assert "Raise learning_rate_schedule.step_factor and learning_rate_schedule_2.step_factor" in plan_remark(report)


def test_a_page_names_the_parameter_to_raise_by_its_label_and_its_node():
    report = scheduled("mlp-gan", ("generator",), "shape=step", "step_every=10", "step_factor=0.0")
    named = plan_remark(report, by_title=True)
    assert "Raise Step factor of Learning rate schedule, or fork" in named and "step_factor" not in named


@pytest.mark.parametrize("shape", ["constant", "linear", "cosine", "step"])
def test_a_warm_up_longer_than_the_training_is_told(shape):
    report = scheduled("mlp-gan", ("generator", "discriminator"), f"shape={shape}", "warmup_steps=1000")
    assert warm_up_remark(report) == plan_remark(report)
    assert "takes 1,000 steps, but the training has 100" in warm_up_remark(report)
    assert warm_up_remark(scheduled("mlp-gan", ("generator",), f"shape={shape}", "warmup_steps=100")) == ""

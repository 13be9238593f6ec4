import re
from dataclasses import replace

import numpy as np
import pytest

from pipeline.metrics.registry import ALL, METRICS
from pipeline.metrics.signature import Sets, Unmeasurable
from tests.metrics.made_up import full, normal, sets_of

SETS = Sets(full(60), full(50, 1), full(90, 2), tuple("abcd"))
each_metric = pytest.mark.parametrize("metric", ALL, ids=METRICS)


def test_what_sees_most_stands_first():
    assert list(METRICS)[:4] == ["sliced_distance", "precision", "recall", "auth_pct"]
    assert {metric.name for metric in ALL if not metric.default} == {"frechet_extrapolated"}


@each_metric
def test_it_says_what_it_is_and_bears_no_name_of_other_features(metric):
    texts = (metric.title, metric.unit, metric.definition, metric.good_for, metric.bad_for, metric.cost)
    assert all(texts) and metric.why.text and metric.why.source and metric.why.url.startswith("https://")
    assert metric.good_for.endswith(".") and metric.bad_for.endswith(".")
    assert not re.search(r"inception|\bfid\b|\bmind\b", f"{metric.name} {metric.title}", re.IGNORECASE)
    assert re.fullmatch("[a-z][a-z_]*", metric.name)


@each_metric
def test_it_has_a_value_an_interval_around_it_and_a_floor(metric):
    found, floor = metric.of(SETS), metric.of(SETS.floor(metric.floor))
    for measured in (found, floor):
        assert measured.low <= measured.value <= measured.high
        assert np.isfinite([measured.low, measured.value, measured.high, *measured.details.values()]).all()
        assert measured.generated > 0


@each_metric
def test_it_is_the_same_for_the_same_seed_and_leaves_the_images_as_they_are(metric):
    before = {name: None if held is None else held.copy() for name, held in vars(SETS.generated).items()}
    assert metric.of(SETS) == metric.of(SETS)
    for name, held in vars(SETS.generated).items():
        assert (held is None and before[name] is None) or (held == before[name]).all()


@each_metric
def test_what_it_needs_is_enough(metric):
    """`needs` names what may not be None; features are always known, if only as zeros."""
    fields = {"classes": "probabilities", "labels": "labels"}
    needed = {fields.get(need, need) for need in metric.needs} | {"features"}
    known = {name: None for name in vars(SETS.generated) if name not in needed}
    metric.of(Sets(*(replace(images, **known) for images in (SETS.generated, SETS.held_out, SETS.training))))


@each_metric
def test_sets_that_collapsed_or_are_tiny_have_a_value_or_a_sentence(metric):
    for count in (0, 1, 2, 7):
        images = full(count)
        collapsed = replace(full(20), features=np.ones((20, 6), np.float32))
        for sets in (Sets(images, images, images), Sets(collapsed, SETS.held_out, SETS.training)):
            try:
                assert np.isfinite(metric.of(sets).value)
            except Unmeasurable as refused:
                assert str(refused).endswith(".")


def test_features_that_are_not_finite_are_refused():
    with pytest.raises(Unmeasurable, match="not finite"):
        METRICS["kid"].of(sets_of(normal(9) * np.nan, normal(9)))


def test_a_floor_compares_real_images_in_the_numbers_of_the_sets():
    drawn = SETS.floor("training draw")
    assert (len(drawn.generated), len(drawn.held_out)) == (60, 50)
    assert SETS.floor("held out").generated is SETS.held_out
    assert len(SETS.floor("training").held_out) == 50
    with pytest.raises(Unmeasurable, match="too few training images"):
        replace(SETS, training=full(1)).floor("training draw")

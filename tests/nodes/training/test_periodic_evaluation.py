"""The node of a periodic evaluation: what it measures, what it refuses, and what it warns of."""

from typing import get_args

import pytest

from pipeline.families.family import FAMILIES
from pipeline.graph import edit
from pipeline.graph.adding import place_node
from pipeline.graph.check import check
from pipeline.metrics.registry import METRICS
from pipeline.metrics.signature import Need
from pipeline.nodes.assemble import assemble
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.metric_series import METRIC_SERIES
from pipeline.nodes.training_subgraph import metric_names
from pipeline.runs.series import CLOCKS, checkup_of, names_of
from pipeline.runs.series_fault import series_fault
from pipeline.training.parts import EvaluationPart

NODE = "periodic_evaluation"


@pytest.fixture
def evaluated(small):
    """evaluated("every=10", name="vae"): a template on the 8×8 digits with the node, and these parameters."""

    def make(*settings, name="mlp-gan"):
        workflow, _ = place_node(small(name), "PeriodicEvaluation", "training", NODES)
        return edit.apply_settings(workflow, [f"{NODE}.{each}" for each in settings], NODES)

    return make


def test_a_run_records_the_metrics_that_the_node_names_behind_its_own_series(evaluated, small, tmp_path):
    workflow = evaluated("metrics= recall,kid , recall", "every=7", "keep_best=kid")
    report = check(workflow, NODES)
    assert report.sentences() == []
    own = metric_names(check(small("mlp-gan"), NODES))
    assert metric_names(report) == (*own, "recall", "kid")
    experiment = assemble(workflow, tmp_path)
    assert experiment.evaluation == EvaluationPart(NODE, 7, 500, ("recall", "kid"), "auto", "kid")
    assert assemble(small("mlp-gan"), tmp_path).evaluation is None


def test_every_metric_is_a_series_that_no_family_has():
    assert list(METRIC_SERIES) == list(METRICS)
    assert series_fault([*checkup_of(), *METRIC_SERIES.values()]) == ""
    assert not METRIC_SERIES.keys() & {*FAMILIES.series, *names_of((*CLOCKS, *checkup_of()))}


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("metrics=kid, fid, mind", "'fid' and 'mind' are no metrics; choose from sliced_distance"),
        ("metrics= ,", "which names no metric"),
        ("features= ", "which names no features; choose auto"),
        ("keep_best=fid", "which is not one of sliced_distance"),
        ("keep_best=auth_pct", "whose best value is that of real images"),
        ("keep_best=kid", "cannot be found by kid, which is not measured"),
    ],
)
def test_what_cannot_be_measured_is_a_problem_that_says_what_can(evaluated, setting, words):
    (problem,) = check(evaluated(setting), NODES).problems
    assert problem.node == NODE and words in problem.message


def test_without_held_out_images_it_says_what_to_do(evaluated, tmp_path):
    (tmp_path / "photos").mkdir()
    from PIL import Image

    for number in range(80):
        Image.new("L", (8, 8), number).save(tmp_path / "photos" / f"{number}.png")
    workflow = evaluated("features=own")
    files, _ = edit.add_node(workflow, "ImageFiles", NODES)
    files = edit.replace_node(files, "data", files.nodes["image_files"])
    files = edit.remove_node(files, "image_files", NODES)
    settings = [f"data.source={tmp_path / 'photos'}", "data.image_size=8", "data.held_out={}", "data.channels=grey"]
    held = [edit.apply_settings(files, [each.format(share) for each in settings], NODES) for share in (0, 0.2)]
    (problem,) = check(held[0], NODES).problems
    assert problem.node == NODE and problem.message.startswith("No images are held out")
    (problem,) = check(held[1], NODES).problems
    assert "no classes" in problem.message and problem.wanted == "auto"


@pytest.mark.parametrize(
    ("name", "settings", "words", "label"),
    [
        ("mlp-gan", ["every=900000"], "evaluated only at its end", "Set every to"),
        ("mlp-gan", ["metrics=kid, psnr"], "does not encode images, so there will be no values of PSNR", "to kid"),
        ("mlp-gan", ["features=/no/such.pth"], "no file '/no/such.pth' of features", "Set features to auto"),
        ("vae", ["metrics=kid, scoring_auc"], "No network of this training scores images", "to kid"),
        ("mlp-gan", ["metrics=kid, class_shares", "features=efficientnet"], "tell no classes apart", "to kid"),
        ("autoencoder", ["metrics=kid"], "reconstructions of held-out images stand for", "Set metrics to psnr, ssim"),
    ],
)
def test_what_would_have_no_value_is_a_warning_and_its_mend_takes_it_away(evaluated, name, settings, words, label):
    workflow = evaluated(*settings, name=name)
    report = check(workflow, NODES)
    (warning,) = report.doubts
    assert report.ok and warning.node == NODE and words in warning.message
    assert label in warning.mend.label
    assert check(warning.mend.change(workflow, NODES), NODES).doubts == ()


def test_the_fields_offer_names_that_are_valid(evaluated):
    node = NODES["PeriodicEvaluation"]
    needs = {need for name in METRICS for need in METRICS[name].needs}
    assert needs <= set(get_args(Need))
    for parameter in ("metrics", "features"):
        for value in node.offers(parameter):
            assert check(evaluated(f"{parameter}={value}"), NODES).ok, value
    assert {METRICS[name].better for name in node.offers("keep_best") if name} == {"lower", "higher"}

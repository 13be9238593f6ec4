"""Evaluating stored runs: what is compared, kept, reused and refused."""

import json
import math
from shutil import copytree, rmtree

import numpy as np
import pytest
import torch

from pipeline.errors.data import ReadingStopped
from pipeline.errors.evaluation import NothingHeldOut, UnfitSet, UnknownMetrics
from pipeline.errors.machine import UnusableValue
from pipeline.errors.runs import BrokenCheckpoint, NoCheckpoint, UnknownCheckpoint, UnknownRun
from pipeline.evaluation import generated, seen_images
from pipeline.evaluation.evaluate import Asked, Evaluator, evaluate_each
from pipeline.evaluation.features import signature
from pipeline.metrics.registry import METRICS
from pipeline.runs import evaluations
from pipeline.runs.store import Store
from pipeline.sampling.stored import draw_from_run
from tests.evaluation.conftest import stored_run

pytestmark = pytest.mark.usefixtures("quick_features")

QUICK = ("sliced_distance", "precision", "recall", "auth_pct")
HELD_OUT, TRAINING = 180, 1617
"""Of scikit-learn's digits, by `pipeline/data/sets.py`."""


def asked(**changes):
    return Asked(**{"count": 40, "metrics": QUICK, **changes})


def evaluate(run, **changes):
    return evaluate_each(Evaluator(run.store, run.id, asked(**changes))).found


def values(evaluation):
    return {name: result.value for name, result in evaluation.results.items()}


def damage(checkpoint):
    weights = checkpoint / "weights.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)


def test_every_number_says_how_many_images_which_features_and_its_floor(tiny):
    (found,) = evaluate(tiny)
    assert (found.step, found.held_out, found.training, found.own) == (4, 40, TRAINING, True)
    assert (found.way.features, len(found.way.digest)) == ("Pixels", 12) and found.way.resize and found.way.accuracy
    assert list(found.results) == list(QUICK)
    for name, result in found.results.items():
        assert (result.generated, result.real) == (40, TRAINING if name == "auth_pct" else 40)
        assert result.low <= result.value <= result.high and math.isfinite(result.floor)


def test_the_generated_images_are_those_of_sample(tiny):
    evaluator = Evaluator(tiny.store, tiny.id, asked())
    drawn = draw_from_run(tiny.store, tiny.id, count=40, seed=0).images
    np.testing.assert_array_equal(evaluator.sets(4).generated.pixels, drawn)


def test_more_images_than_are_held_out_are_compared_with_all_of_them(tiny):
    (found,) = evaluate(tiny, count=300, metrics=("precision",))
    result = found.results["precision"]
    assert (found.held_out, result.generated, result.real) == (HELD_OUT, 300, HELD_OUT)
    assert f"300 generated images are compared with {HELD_OUT} held-out images" in found.remarks[0]


def test_results_are_kept_with_the_run_and_not_measured_again(tiny, monkeypatch):
    (first,) = evaluate(tiny, metrics=("precision",))

    def again(*arguments):
        raise AssertionError("the images were drawn and described already")

    monkeypatch.setattr(generated, "image_batches", again)
    monkeypatch.setattr(signature.Features, "of", again)
    (second,) = evaluate(tiny, metrics=("precision", "recall"))
    assert second.results["precision"] == first.results["precision"] and "recall" in second.results
    assert evaluations.load_all(tiny.store.files(tiny.id)) == [second]


def test_all_checkpoints_that_are_kept_can_be_evaluated(tiny):
    assert [each.step for each in evaluate(tiny, every_step=True, metrics=("precision",))] == [2, 4]
    assert [each.step for each in evaluate(tiny, steps=(2,), metrics=("recall",))] == [2]


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others(tiny, tmp_path):
    (first,) = evaluate(tiny)
    (tmp_path / "again").mkdir()
    with Store(tmp_path / "again") as store:
        other = type(tiny)(store, stored_run(tmp_path / "again", store))
        (second,) = evaluate(other)
        (third,) = evaluate(other, seed=1)
    assert values(first) == values(second) != values(third)


@pytest.mark.parametrize("at_once", [7, 40, 64])
def test_numbers_do_not_depend_on_how_many_images_are_made_at_once(tiny, at_once, monkeypatch):
    (first,) = evaluate(tiny)
    for path in evaluations.folder_of(tiny.store.files(tiny.id)).glob("*"):
        path.unlink()
    for path in (tiny.store.home / "features").glob("*"):
        path.unlink()
    monkeypatch.setattr(generated, "AT_ONCE", at_once)
    monkeypatch.setattr(seen_images, "AT_ONCE", at_once)
    monkeypatch.setattr(signature, "BATCH", at_once)
    (second,) = evaluate(tiny)
    assert values(second) == pytest.approx(values(first), rel=1e-5)


def test_an_evaluation_that_is_stopped_keeps_what_it_has_measured(tiny):
    def progress(doing, share):
        if METRICS["recall"].title in doing:
            raise ReadingStopped(doing, 1, 4)

    with pytest.raises(ReadingStopped):
        evaluate_each(Evaluator(tiny.store, tiny.id, asked(), progress))
    (kept,) = evaluations.load_all(tiny.store.files(tiny.id))
    assert list(kept.results) == ["sliced_distance", "precision"]
    (whole,) = evaluate(tiny)
    assert list(whole.results) == list(QUICK)


def test_the_progress_never_falls_and_ends_near_one(tiny):
    shares = []
    evaluate_each(Evaluator(tiny.store, tiny.id, asked(every_step=True), lambda doing, share: shares.append(share)))
    assert shares == sorted(shares) and 0 <= shares[0] < 0.1 and 0.8 < shares[-1] <= 1


def test_damaged_files_of_an_evaluation_are_made_again(tiny):
    (first,) = evaluate(tiny)
    folder = evaluations.folder_of(tiny.store.files(tiny.id))
    for path in [*folder.glob("*"), *(tiny.store.home / "features").glob("*")]:
        path.write_bytes(path.read_bytes()[:100])
    (second,) = evaluate(tiny)
    assert values(second) == values(first)


def test_another_checkpoint_of_the_same_step_is_evaluated_again(tiny):
    (first,) = evaluate(tiny)
    two, four = tiny.checkpoints
    for path in two.iterdir():
        (four / path.name).write_bytes(path.read_bytes())
    (second,) = evaluate(tiny)
    assert second.step == first.step and values(second) != values(first)


def test_a_damaged_checkpoint_is_named_and_the_others_are_evaluated(tiny):
    damage(tiny.checkpoints[1])
    done = evaluate_each(Evaluator(tiny.store, tiny.id, asked(every_step=True, metrics=("precision",))))
    assert [each.step for each in done.found] == [2]
    assert "step-000000004 is damaged" in done.failures[0]
    with pytest.raises(BrokenCheckpoint, match="use the one before it"):
        evaluate(tiny, steps=(4,))


def test_metrics_that_a_run_cannot_have_are_left_out_unless_they_are_asked_for(tiny):
    (usual,) = evaluate(tiny, metrics=())
    assert {"scoring_auc", "class_shares"} <= set(usual.results) and "psnr" not in usual.results
    (wanted,) = evaluate(tiny, metrics=("psnr",))
    assert wanted.results["psnr"].value is None and "does not encode" in wanted.results["psnr"].reason


def test_an_autoencoder_is_judged_by_its_reconstructions_too(tmp_path):
    with Store(tmp_path) as store:
        run = stored_run(tmp_path, store, "autoencoder")
        (found,) = evaluate_each(Evaluator(store, run, asked(metrics=("psnr", "ssim", "scoring_auc")))).found
    psnr, ssim = found.results["psnr"], found.results["ssim"]
    assert psnr.value == pytest.approx(psnr.floor, rel=0.2) and psnr.real == 40
    assert ssim.value is None and "8" in ssim.reason
    assert "no network that scores images" in found.results["scoring_auc"].reason


def test_a_conditional_run_scores_images_of_their_own_classes(tmp_path):
    with Store(tmp_path) as store:
        run = stored_run(tmp_path, store, "conditional-dcgan")
        (found,) = evaluate_each(Evaluator(store, run, asked(metrics=("scoring_auc",)))).found
        labels = Evaluator(store, run, asked()).sets(4).generated.labels
    assert 0 <= found.results["scoring_auc"].value <= 1
    assert labels.tolist() == [number % 10 for number in range(40)]


def test_another_set_shows_how_a_run_generalises(tiny):
    (found,) = evaluate(tiny, data="mnist-5k", metrics=("precision", "scoring_auc", "auth_pct"))
    assert (found.own, found.way.data, found.training) == (False, "mnist-5k", 4500)
    assert found.results["precision"].real == 40
    assert "not compared with its own set" in found.results["scoring_auc"].reason
    assert "these are others" in found.results["auth_pct"].reason


def test_a_set_in_colour_is_refused_for_grey_images(tiny):
    with pytest.raises(UnfitSet, match="they are in colour, and those of the run are grey"):
        evaluate(tiny, data="petals")


def test_a_run_that_holds_nothing_out_is_refused_with_what_to_do(tmp_path):
    np.savez(tmp_path / "images.npz", images=np.random.default_rng(0).integers(0, 255, (200, 8, 8), np.uint8))
    with Store(tmp_path) as store:
        run = stored_run(tmp_path, store)
        text = json.loads(store.run(run).workflow_text)
        source = {"source": str(tmp_path / "images.npz"), "image_size": 8, "held_out": 0.0}
        text["prompt"]["data"] = {"class_type": "ImageFiles", "inputs": source}
        other = store.create(
            name="all", workflow_text=json.dumps(text), device="cpu", seed=0, total_steps=9, batch_size=64,
            train_images=200, who="",
        ).id  # fmt: skip
        copytree(store.home / "runs" / run, store.home / "runs" / other, dirs_exist_ok=True)
        with pytest.raises(NothingHeldOut, match="Evaluate it on another set"):
            Evaluator(store, other, asked())


@pytest.mark.parametrize("activity", ["Drawing", "Measuring"])
def test_a_run_that_is_deleted_meanwhile_is_not_made_again(tiny, activity):
    def progress(doing, share):
        if doing.startswith(activity):
            rmtree(tiny.store.files(tiny.id).folder, ignore_errors=True)

    with pytest.raises(UnknownRun):
        evaluate_each(Evaluator(tiny.store, tiny.id, asked(), progress))
    assert not tiny.store.files(tiny.id).folder.exists()


def test_a_run_without_a_checkpoint_is_refused(tmp_path):
    with Store(tmp_path) as store:
        run = stored_run(tmp_path, store, steps=())
        with pytest.raises(NoCheckpoint):
            Evaluator(store, run, asked())


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"count": 0}, UnusableValue),
        ({"count": 10**40}, UnusableValue),
        ({"seed": -1}, UnusableValue),
        ({"weights": "none"}, UnusableValue),
        ({"metrics": ("fid",)}, UnknownMetrics),
        ({"steps": (3,)}, UnknownCheckpoint),
    ],
)
def test_a_wrong_wish_is_refused_and_leaves_nothing(tiny, wrong, error):
    with pytest.raises(error):
        evaluate(tiny, **wrong)
    assert not evaluations.load_all(tiny.store.files(tiny.id))


def test_evaluation_leaves_the_number_of_threads_as_it_was(tiny):
    torch.set_num_threads(2)
    evaluate(tiny)
    assert torch.get_num_threads() == 2

"""A periodic evaluation measures at its steps, whatever slices, resumes and rewinds, and never changes training."""

import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import torch

from pipeline.engine import launching, periodic_evaluation
from pipeline.engine.periodic_evaluation import PeriodicEvaluation
from pipeline.engine.worker import TrainingWorker
from pipeline.errors.data import ReadingStopped
from pipeline.evaluation import evaluate
from pipeline.evaluation.evaluate import Asked, Evaluator
from pipeline.evaluation.features.signature import Features, Seen
from pipeline.graph import edit
from pipeline.graph.adding import place_node
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.checked_workflow import check_workflow
from pipeline.runs import periodic, point_series
from pipeline.runs.store import Store
from pipeline.runtime.messages.commands import Back, Pause, Resume, Run, RunTo
from tests.engine.conftest import Bench, recorded, same
from tests.families.diffusion.workflows import small_latent

Small = Callable[..., Workflow]
NAMES = ("sliced_distance", "precision", "scoring_auc")
THREAD = "training.threads=1"


def with_evaluation(workflow: Workflow, *settings: str) -> Workflow:
    """The workflow with evaluations of 50 images every ten steps, by their pixels."""
    workflow, _ = place_node(workflow, "PeriodicEvaluation", "training", NODES)
    usual = ("every=10", "count=50", f"metrics={','.join(NAMES)}")
    return edit.apply_settings(workflow, [f"periodic_evaluation.{each}" for each in (*usual, *settings)], NODES)


@pytest.fixture(scope="module")
def evaluated(small: Small) -> Small:
    """`evaluated("every=5")`: the small workflow on the 8×8 digits, evaluated periodically; a grid every four steps."""
    tiny = ("data.dataset=digits", "generator.image_size=8", "samples.every=4", "training.total_steps=24", THREAD)
    return lambda *settings: with_evaluation(small(*tiny), *settings)


def pixels(*arguments: object) -> Features:
    """The pixels themselves as features, which cost nothing."""
    return Features("Pixels", "0" * 12, "none", 64, lambda images: Seen(images.flatten(1).float() / 255))


@pytest.fixture(scope="module")
def home(shared_home: Path) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(periodic_evaluation, "choose", pixels)
        patch.setattr(evaluate, "choose", pixels)
        yield shared_home


@pytest.fixture(scope="module")
def bench(home: Path) -> Iterator[Bench]:
    threads = torch.get_num_threads()
    worker = TrainingWorker(home, publish=lambda snapshot: None)
    yield Bench(worker)
    worker.close()
    torch.set_num_threads(threads)


@pytest.fixture(autouse=True)
def paused(bench: Bench) -> None:
    """A run that is still training cannot be replaced by the next test's."""
    if bench.worker.busy:
        bench.ask(Pause)


def measured(home: Path, run: str) -> dict[str, dict[int, float]]:
    with Store(home) as store:
        found = point_series.read(store, run, [*NAMES, "diversity"])
    return {name: dict(zip(each.steps.tolist(), each.values.tolist(), strict=True)) for name, each in found.items()}


@pytest.fixture(scope="module")
def whole(bench: Bench, evaluated: Small) -> str:
    """A run trained to its end in one go."""
    run = bench.start(evaluated())
    bench.go_on()
    return run


def test_it_measures_every_n_steps_and_at_the_end_of_the_run_beside_the_checkups(whole: str, home: Path) -> None:
    found = measured(home, whole)
    assert [list(found[name]) for name in NAMES] == [[10, 20, 24]] * 3
    # Step 20 has a checkup and an evaluation.
    assert list(found["diversity"]) == [0, 4, 8, 12, 16, 20, 24]


def test_the_values_are_those_of_an_evaluation_of_the_checkpoint(whole: str, home: Path) -> None:
    with Store(home) as store:
        evaluator = Evaluator(store, whole, Asked(metrics=NAMES, count=50))
        results = evaluator.evaluate(24).results
        kept = periodic.load(store.files(whole))
    found = measured(home, whole)
    for name in NAMES:
        assert found[name][24] == pytest.approx(results[name].value, rel=1e-5), name
    assert kept is not None and kept.floors["sliced_distance"] == pytest.approx(results["sliced_distance"].floor)
    assert (kept.generated, kept.held_out, kept.times) == (50, 50, 3)
    assert kept.features == "Pixels (000000000000, none)" and 0 < kept.share(0.5) < 1


def test_what_is_known_of_scores_and_training_images_is_the_same_as_in_an_evaluation(
    bench: Bench, evaluated: Small, home: Path
) -> None:
    names = ("auth_pct", "scoring_accuracy", "scoring_auc")
    run = bench.start(evaluated(f"metrics={', '.join(names)}", "every=24"))
    bench.go_on()
    with Store(home) as store:
        found = point_series.read(store, run, names)
        results = Evaluator(store, run, Asked(metrics=names, count=50)).evaluate(24).results
    assert {name: each.values[-1] for name, each in found.items()} == {
        name: pytest.approx(results[name].value, rel=1e-5) for name in names
    }


def test_training_is_the_same_bit_for_bit(
    bench: Bench, evaluated: Small, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if the features change torch's random numbers and number of threads."""

    def careless(*arguments: object) -> object:
        torch.manual_seed(99)
        torch.set_num_threads(1 + torch.get_num_threads() % 2)
        return pixels()

    monkeypatch.setattr(periodic_evaluation, "choose", careless)
    workflow = evaluated("every=3", "keep_best=precision")
    weights, numbers, runs = [], [], []
    for each in (workflow, edit.remove_node(workflow, "periodic_evaluation", NODES)):
        runs.append(bench.start(each))
        bench.go_on()
        weights.append(bench.weights())
        numbers.append((torch.get_rng_state(), torch.get_num_threads()))
    assert same(*weights)
    assert torch.equal(numbers[0][0], numbers[1][0]) and numbers[0][1] == numbers[1][1]
    losses = [recorded(home, run)["D_loss"].tolist() for run in runs]
    assert losses[0] == losses[1]
    assert "precision" in measured(home, runs[0]) and "precision" not in measured(home, runs[1])


def test_a_condition_sees_the_evaluation_of_its_own_step(
    bench: Bench, evaluated: Small, whole: str, home: Path
) -> None:
    value = measured(home, whole)["sliced_distance"][20]
    bench.start(evaluated())
    bench.ask(Run, until=f"abs(sliced_distance - {value!r}) < 1e-9")
    bench.go_on()
    assert (bench.snapshot.step, bench.snapshot.stop_kind) == (20, "until")
    assert bench.snapshot.metrics["sliced_distance"] == value


def test_a_resumed_run_has_the_measurements_of_an_uninterrupted_one(
    bench: Bench, evaluated: Small, whole: str, home: Path
) -> None:
    run = bench.start(evaluated())
    for step in (4, 10, 13):
        bench.chunk(step - bench.snapshot.step)
        bench.start(evaluated())
        bench.ask(Resume, run=run, switch=True, paused=True)
    bench.ask(Run)
    bench.go_on()
    assert measured(home, run) == measured(home, whole)


def test_going_back_recalls_what_was_measured_and_measures_nothing(bench: Bench, evaluated: Small, home: Path) -> None:
    run = bench.start(evaluated())
    bench.chunk(23)
    before = measured(home, run)
    evaluation = bench.run.measurements.evaluation
    assert evaluation is not None
    bench.ask(Back, step=12)
    bench.go_on()
    assert bench.run.values["sliced_distance"] == before["sliced_distance"][10]
    bench.ask(RunTo, step=23)
    bench.go_on()
    assert bench.snapshot.metrics["sliced_distance"] == before["sliced_distance"][20]
    assert measured(home, run) == before and evaluation.facts.times == 2


def test_an_interrupted_evaluation_is_made_before_training_goes_on(
    bench: Bench, evaluated: Small, whole: str, home: Path
) -> None:
    run = bench.start(evaluated())
    value = measured(home, whole)["precision"][10]
    bench.ask(Run, until=f"abs(precision - {value!r}) < 1e-9")
    bench.worker.advance(lambda: bench.run.step == 10)
    while bench.run.step < 10:
        bench.worker.advance(lambda: bench.run.step == 10)
    assert bench.run.step == 10 and bench.run.measurements.pending
    # Interrupted again, it does not go on.
    bench.worker.advance(lambda: True)
    assert bench.run.step == 10 and "precision" not in measured(home, run)
    bench.go_on()
    assert (bench.snapshot.step, bench.snapshot.stop_kind) == (10, "until")
    bench.ask(Run)
    bench.go_on()
    assert measured(home, run) == measured(home, whole)


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Mapping[int, float]:
    """Values of the sliced distance by step, in place of those that are measured; NaN at other steps."""
    values = {2: 9.0, 4: 8.0, 6: 4.0, 8: 7.0, 10: 4.0, 12: 5.0, 14: math.nan, 16: 6.0, 18: 2.0}

    def measure(evaluation: PeriodicEvaluation, interrupted: Callable[[], bool]) -> Mapping[str, float]:
        return {"sliced_distance": values.get(evaluation._trainer.state.step, math.nan)}

    monkeypatch.setattr(PeriodicEvaluation, "measure", measure)
    return values


def test_the_best_checkpoint_is_kept_through_later_saves_and_a_resume_and_not_by_a_fork(
    bench: Bench, evaluated: Small, home: Path, scripted: Mapping[int, float]
) -> None:
    run = bench.start(evaluated("every=2", "metrics=sliced_distance", "keep_best=sliced_distance"))
    best = []
    with Store(home) as store:
        files = store.files(run)
        for step in range(2, 22, 2):
            bench.chunk(2)
            bench.run.save()
            kept = periodic.load(files)
            assert kept is not None and kept.best is not None
            best.append(kept.best.step)
            assert best[-1] in [each for each, _ in files.checkpoints()]
            if step == 12:
                bench.start(evaluated())
                bench.ask(Resume, run=run, switch=True, paused=True)
        # The first of equal values, until a better one; then its checkpoint is like any other.
        assert best == [2, 4, 6, 6, 6, 6, 6, 6, 18, 18]
        assert [step for step, _ in files.checkpoints()] == [0, 2, 4, 8, 16, 18, 20]
        bench.ask(Back, step=19)
        bench.go_on()
        forked = launching.branch(bench.run, "Ada", [])
        assert forked.measurements.kept == () and periodic.load(forked.files) is None
        forked.close()


def test_nothing_is_measured_before_the_networks_that_make_images_are_trained(bench: Bench, home: Path) -> None:
    workflow = with_evaluation(small_latent(THREAD), "every=2", "metrics=sliced_distance")
    first = check_workflow(workflow).training.phases[1].first
    run = bench.start(workflow)
    bench.chunk(first + 3)
    steps = list(measured(home, run)["sliced_distance"])
    assert steps == [step for step in range(first + 1, first + 4) if step % 2 == 0]


def test_its_progress_is_told_when_it_takes_long_and_cancels_it_when_interrupted(
    bench: Bench, evaluated: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(periodic_evaluation, "MOMENT", 0.0)
    told: list[str] = []
    bench.start(evaluated())
    evaluation = bench.run.measurements.evaluation
    assert evaluation is not None
    bench.run.trainer.progress = lambda doing, done, total: told.append(doing)
    evaluation.measure(lambda: False)
    assert told[0] == "Drawing images" and "Measuring: Precision" in told and told[-1] == "Evaluated images"
    with pytest.raises(ReadingStopped):
        evaluation.measure(lambda: True)

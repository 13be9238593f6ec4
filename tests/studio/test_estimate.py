"""The estimate of time and disk before a start: arithmetic in closed form, and a real run's measured files."""

from dataclasses import replace

import pytest

from pipeline.engine.foreground_run import drive
from pipeline.engine.launching import start
from pipeline.engine.stop_signals import Stop
from pipeline.graph import document, edit
from pipeline.graph.adding import place_node
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.checked_workflow import check_workflow
from pipeline.runs import periodic
from pipeline.runs.deletion import delete_runs
from pipeline.runs.keeping import Keeping
from pipeline.runs.periodic import Periodic
from pipeline.runs.store import Store
from pipeline.studio import estimate as estimates
from pipeline.studio.estimate import Disk, Estimate, Time, checkpoint_bytes, estimate, spread
from pipeline.studio.workflows import open_template, report
from tests.families.diffusion.workflows import small_latent

SMALL = ("training.total_steps=1000", "training.device=cpu")


def template(name, *settings):
    return edit.apply_settings(open_template(name), settings, NODES)


@pytest.fixture
def past(store, new_run):
    """past(workflow, steps=100, seconds=50): a stored run of this workflow at this speed."""

    def make(workflow, steps=100, seconds=50.0, device="cpu", **changes):
        run = new_run(workflow_text=document.write(workflow), device=device, **changes)
        store.update(run.id, step=steps, seconds=seconds)
        return store.run(run.id)

    return make


def test_the_time_is_that_of_earlier_runs_of_the_same_networks_and_batch_size(store, past):
    workflow = template("dcgan", *SMALL)
    past(template("dcgan", *SMALL, "training.seed=3", "generator_optimizer.learning_rate=0.001"), steps=200, seconds=50)
    found = estimate(store, report(workflow))
    # 0.25 s for a step.
    assert found.time == Time(250 * 5 / 6, 250 * 7 / 6, 1, alike=True)
    assert found.time_words == "Takes about 3–5 min, by the speed of an earlier run like this."


def test_runs_alike_at_different_speeds_give_a_wider_range(store, past):
    workflow = template("dcgan", *SMALL)
    for seconds in (50, 100):
        past(workflow, steps=100, seconds=seconds)
    time = estimate(store, report(workflow)).time
    assert (time.low, time.high, time.runs) == (500 * 5 / 6, 1000 * 7 / 6, 2)


def test_without_such_a_run_the_time_is_in_proportion_to_multiply_adds_times_batch(store, past):
    past(template("dcgan", *SMALL), steps=100, seconds=10)
    larger = template("dcgan", *SMALL, "training.batch_size=128")
    time = estimate(store, report(larger)).time
    middle = 1000 * 0.1 * 2
    assert (time.low, time.high, time.alike) == (pytest.approx(middle / 2), pytest.approx(middle * 2), False)
    assert "with other networks, by multiply-adds" in estimate(store, report(larger)).time_words


def test_of_another_number_of_processes_is_said_if_no_run_had_as_many(store, past):
    two = template("dcgan", *SMALL, "training.processes=2")
    past(template("dcgan", *SMALL), steps=100, seconds=25)
    words = estimate(store, report(two)).time_words
    assert words == "Takes about 3–5 min, by the speed of an earlier run like this, but in 1 process."
    past(two, steps=100, seconds=12.5, processes=2)
    found = estimate(store, report(two)).time
    assert found == Time(125 * 5 / 6, 125 * 7 / 6, 1, alike=True)


def test_of_phases_only_a_whole_run_tells_the_time(store, past):
    workflow = small_latent("training.total_steps=400", "training.device=cpu")
    past(workflow, steps=100, seconds=10)
    past(template("dcgan", *SMALL), steps=100, seconds=10)
    assert estimate(store, report(workflow)).time is None
    past(workflow, steps=400, seconds=300)
    assert estimate(store, report(workflow)).time == Time(300 * 5 / 6, 300 * 7 / 6, 1, alike=True)


def test_runs_that_say_nothing_about_this_one_are_left_out(store, past):
    past(template("dcgan", *SMALL), steps=5, seconds=60)
    past(template("dcgan", *SMALL), device="cuda:0")
    past(template("mlp-gan", *SMALL, "data.image_size=8", "generator.image_size=8", "training.batch_size=8"))
    found = estimate(store, report(template("dcgan", *SMALL)))
    assert found.time is None and found.time_words.startswith("Time unknown until a run of about this size")


def test_the_seconds_of_a_fork_hold_those_of_its_parent_also_once_that_is_deleted(store, past, new_run):
    parent = new_run()
    past(template("dcgan", *SMALL), steps=100, seconds=1000, parent=parent.id, parent_step=95)
    delete_runs(store, [parent.id])
    assert estimate(store, report(template("dcgan", *SMALL))).time is None


def test_a_checkpoint_has_the_weights_their_averages_and_the_numbers_of_the_optimizers(store):
    workflow = template("dcgan")
    found = report(workflow)
    plans = {role: found.ports[role][0].plan for role in ("generator", "discriminator")}  # type: ignore[attr-defined]
    sizes = {role: plan.parameters for role, plan in plans.items()}
    weights = checkpoint_bytes(store.home, found) - estimates.OVERHEAD
    # Adam keeps two numbers for each weight; the generator is averaged.
    assert weights == 4 * (4 * sizes["generator"] + 3 * sizes["discriminator"])
    plain = edit.replace_node(
        edit.apply_settings(workflow, ["training.ema_halflife_images=0"], NODES),
        "discriminator_optimizer",
        replace(workflow.nodes["discriminator_optimizer"], class_type="SGD", inputs={"network": ["discriminator", 0]}),
    )
    weights = checkpoint_bytes(store.home, report(plain)) - estimates.OVERHEAD
    assert weights == 4 * (3 * sizes["generator"] + 2 * sizes["discriminator"])


def test_several_processes_are_told_with_their_shares_of_a_batch(store):
    one, two = (estimate(store, report(template("dcgan", f"training.processes={each}"))) for each in (1, 2))
    assert (one.shares, two.shares) == ("", "Each batch is shared: 2 processes × 32 images.")


def test_the_disk_counts_checkpoints_grids_and_metrics(store):
    workflow = template("dcgan", "training.total_steps=1000", "samples.every=10", "samples.count=64")
    found = estimate(store, report(workflow)).disk
    one = checkpoint_bytes(store.home, report(workflow))
    steps = [0, *(2**power for power in range(10)), 1000]
    assert found.checkpoints == one * len(Keeping().kept(dict.fromkeys(steps, 0)))
    assert found.grids == 101 * (64 * 28 * 28 * estimates.PIXEL_BYTES + estimates.GRID_OVERHEAD)
    # At most 500 grids are kept.
    many = estimate(store, report(template("dcgan", "training.total_steps=90000", "samples.every=10"))).disk
    assert many.grids < 501 * (64 * 28 * 28 + 10_000)


def test_a_disk_that_is_too_full_is_a_warning():
    disk = Disk(5e9, 1e9, 1e6, free=2e9)
    assert Estimate(None, disk).room_words.startswith("Only 2 GB are free")
    assert Estimate(None, replace(disk, free=9e9)).room_words == ""
    assert Estimate(None, disk).disk_words == "Disk: ≈ 6 GB for checkpoints, sample grids and metrics."


def test_a_range_has_no_more_precision_than_is_known():
    assert spread(100, 400) == "1–7 min"
    assert spread(3000, 14000) == "1–4 h"
    assert spread(10, 40) == "10–40 s"
    assert spread(180, 240) == "2–5 min"


@pytest.mark.parametrize(
    ("settings", "kept"),
    [
        (("last=2", "doublings=false"), 2),
        (("last=1", "doublings=false", "every=10"), 101),
        (("every=1", "most=40"), 40),
        (("every=1", "most_megabytes=1"), 1),
    ],
)
def test_the_disk_counts_the_checkpoints_that_the_node_of_checkpoints_keeps(store, settings, kept):
    workflow, _ = place_node(template("dcgan", "training.total_steps=1000"), "Checkpoints", "training", NODES)
    workflow = edit.apply_settings(workflow, [f"checkpoints.{each}" for each in settings], NODES)
    one = checkpoint_bytes(store.home, report(workflow))
    assert estimate(store, report(workflow)).disk.checkpoints == one * kept


def test_a_workflow_with_problems_has_no_estimate(store):
    assert estimate(store, report(edit.disconnect(open_template("dcgan"), "generator", "noise"))) is None


@pytest.mark.parametrize("name", ["dcgan", "autoencoder"])
def test_the_estimate_of_disk_is_that_of_a_real_run_within_a_factor_of_two(name, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(estimates, "FEWEST_STEPS", 5)
    workflow = template(
        name, "training.total_steps=6", "samples.every=2", "training.batch_size=4", "training.device=cpu"
    )
    with Store(tmp_path, f"sqlite:///{tmp_path}/genscope.sqlite") as store:
        found = report(workflow)
        one = checkpoint_bytes(tmp_path, found)
        grids = estimate(store, found).disk.grids
        run = start(store, check_workflow(workflow), "")
        try:
            drive(run, None, Stop(), "")
        finally:
            run.close()
        files = store.files(run.id)
        (*_, (_, last)) = files.checkpoints()
        assert one == pytest.approx(sum(path.stat().st_size for path in last.iterdir()), rel=0.1)
        real = sum(path.stat().st_size for _, path in files.grids())
        assert real / 2 < grids < real * 2
        # With the speed known, the number of checkpoints is that of a run of a few seconds.
        disk = estimate(store, found).disk
        assert files.disk_used() / 2 < disk.checkpoints + disk.grids < files.disk_used() * 2


def evaluated(name, *settings):
    workflow, _ = place_node(template(name, *SMALL), "PeriodicEvaluation", "training", NODES)
    return edit.apply_settings(workflow, [f"periodic_evaluation.{each}" for each in settings], NODES)


def test_a_periodic_evaluation_takes_the_mean_time_of_those_of_earlier_runs_like_it(store, past):
    workflow = evaluated("dcgan", "every=300")
    assert estimate(store, report(template("dcgan", *SMALL))).evaluation == ""
    unknown = "Periodic evaluation: 4 times; how long training waits for it is known after a run with it."
    assert estimate(store, report(workflow)).evaluation == unknown
    for others, seconds, times in (
        (("every=100",), 20.0, 10),
        (("keep_best=recall",), 15.0, 2),
        (("count=1000",), 999.0, 1),
        (("features=own",), 999.0, 1),
    ):
        files = store.files(past(evaluated("dcgan", *others)).id)
        files.make()
        periodic.save(files, Periodic(seconds=seconds, times=times))
    # 35 s for 12 evaluations; the last step is the fourth.
    assert estimate(store, report(workflow)).evaluation == (
        "Periodic evaluation: 4 times, for which training waits about 12 s, by 2 earlier runs like this."
    )


def test_the_best_checkpoint_is_one_more_on_the_disk(store):
    without, kept = (
        estimate(store, report(evaluated("dcgan", each))).disk.checkpoints for each in ("every=100", "keep_best=recall")
    )
    one = checkpoint_bytes(store.home, report(template("dcgan", *SMALL)))
    assert kept - without == pytest.approx(one)

"""Training your own modules on your own images: the same Trainer and the same record as for any other run."""

import re

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import TensorDataset

from pipeline.api.training import Training
from pipeline.errors.base import Refusal
from pipeline.errors.machine import UnusableValue
from pipeline.errors.runs import RunComplete, RunLocked
from pipeline.errors.training import NodeFailure, TrainingStopped, UnfitModule
from pipeline.errors.workflow import InvalidWorkflow, UnknownParameter, UnknownTemplate
from pipeline.nodes import layer_tables
from pipeline.nodes.assemble import assemble
from pipeline.runs import lock, metrics, point_series
from pipeline.runs.store import Store
from pipeline.studio.run import history
from pipeline.training.trainer import Trainer
from tests.api.conftest import SETTINGS

pytestmark = pytest.mark.usefixtures("home", "one_thread")


@pytest.fixture
def make(images, modules):
    """`make(settings=…, …)`: a Training of two small networks, closed after the test."""
    made = []

    def training(**changes):
        settings = (*SETTINGS, *changes.pop("settings", ()))
        given = changes.pop("images", images)
        made.append(Training(given, **{"template": "mlp-gan", "settings": settings, **modules(), **changes}))
        return made[-1]

    yield training
    for each in made:
        each.close()


def weights(modules):
    return [tensor.clone() for module in modules for tensor in module.state_dict().values()]


def test_a_run_is_recorded_and_train_continues_from_its_current_step(make, home):
    training = make(name="mine", who="Ada")
    training.train(steps=7)
    training.train(epochs=1)
    with Store(home) as store:
        record = store.run(training.run)
        # 40 of 400 images are held out; 23 batches of 16 cover the other 360.
        assert (record.name, record.who, record.state, record.step) == ("mine", "Ada", "paused", 7 + 23)
        assert training.step == 30 and record.train_images == 360
        assert np.isfinite(metrics.history(store, training.run).series["D_loss"].last).all()
        assert [event.text for event in store.events(training.run)] == [
            "Started on cpu with 1 CPU thread", "Read 400 images: 360 for training, 40 held out.",
            "Paused at step 7", "Paused at step 30",
        ]  # fmt: skip
        assert [step for step, _ in store.files(training.run).grids()] == [0, 7, 10, 20, 30]
        diversity = point_series.read(store, training.run, ["diversity"])["diversity"]
        assert diversity.steps.tolist() == [0, 7, 10, 20, 30]
    assert training.metrics["diversity"] == diversity.values[-1]


def test_it_trains_as_the_trainer_does_bit_for_bit(make, home):
    """In one call, or in two between which the caller draws random numbers."""
    training = make()
    training.train(steps=6)
    torch.manual_seed(99)
    training.train(steps=6)
    trained = training._run.trainer
    prepared = training._prepared
    alone = Trainer.fresh(assemble(prepared.workflow, home, given=make()._prepared.given))
    alone.slice(12, seconds=60)
    for role in ("generator", "discriminator"):
        for mine, theirs in zip(
            trained.state.networks[role].parameters(), alone.state.networks[role].parameters(), strict=True
        ):
            assert torch.equal(mine, theirs)


def test_the_callers_random_numbers_and_threads_are_untouched(make):
    torch.manual_seed(5)
    threads = torch.get_num_threads()
    expected = torch.rand(3)
    torch.manual_seed(5)
    training = make(generator=nn.Linear(8, 64))
    torch.manual_seed(5)
    training.train(steps=2)
    training.view_classified(3)
    training.generate(3)
    assert torch.equal(torch.rand(3), expected)
    assert torch.get_num_threads() == threads


def test_the_trained_weights_are_in_the_modules_that_were_given(make, modules):
    given = modules()
    before = weights(given.values())
    training = make(**given)
    assert all(map(torch.equal, before, weights(given.values())))
    training.train(steps=3)
    state = training._run.trainer.state
    for role, module in given.items():
        trained = list(state.networks[role].state_dict().values())
        assert all(map(torch.equal, trained, weights([module])))
    changed = [not torch.equal(old, new) for old, new in zip(before, weights(given.values()), strict=True)]
    assert all(changed)
    assert given["generator"].training and all(each.grad is None for each in given["generator"].parameters())


def test_weights_that_a_node_normalizes_come_back_normalized(make, modules):
    given = modules()
    training = make(template="hinge-sngan", **given)
    training.train(steps=3)
    norm = torch.linalg.matrix_norm(given["discriminator"][1].weight, 2).item()
    assert norm == pytest.approx(1, abs=0.2)
    values = torch.randn(4, 1, 8, 8)
    trained = training._run.trainer.state.networks["discriminator"].eval()(values)
    assert torch.allclose(given["discriminator"].eval()(values).flatten(), trained, atol=1e-6)


@pytest.mark.parametrize("template", ["dcgan", "lsgan", "wgan-gp", "hinge-sngan", "r3gan"])
def test_every_objective_trains_given_modules(template, make):
    training = make(template=template)
    training.train(steps=2)
    assert np.isfinite(training.metrics["G_loss"])


def test_a_conditional_gan_gets_the_classes(make, images):
    class Told(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(64, 10)

        def forward(self, images, labels):
            return self.layer(images.flatten(1)).gather(1, labels[:, None])

    labelled = TensorDataset(images, torch.arange(400) % 10)
    training = make(
        template="conditional-dcgan", images=labelled, generator=nn.Linear(18, 64), discriminator=Told(),
    )  # fmt: skip
    training.train(steps=2)
    assert training.generate(3, label=7).shape == (3, 8, 8, 1)
    assert training.view_classified(3, label=7).width > 0
    with pytest.raises(UnusableValue, match="There is no class 10"):
        training.generate(3, label=10)


def test_an_autoencoder_is_trained_and_has_no_scores(images, make):
    encoder, decoder = nn.Sequential(nn.Flatten(), nn.Linear(64, 16)), nn.Sequential(nn.Linear(8, 64), nn.Tanh())
    training = Training(images, template="vae", settings=SETTINGS, encoder=encoder, decoder=decoder)
    training.train(steps=5)
    assert training.metrics["loss"] > 0 and training.view().width > 0
    assert training.generate(2).shape == (2, 8, 8, 1)
    with pytest.raises(Refusal, match=r"\(Autoencoder\) have no network that scores images"):
        training.view_classified()
    training.close()


def test_networks_that_are_not_given_come_from_the_template(make, images):
    training = Training(images, template="mlp-gan", settings=SETTINGS, generator=nn.Linear(8, 64))
    training.train(steps=2)
    training.close()


def test_images_of_a_seed_are_the_same_for_every_count(make):
    training = make(settings=("training.ema_halflife_images=5000",))
    training.train(steps=40)
    few, many = training.generate(3, seed=4), training.generate(20, seed=4)
    assert few.dtype == np.uint8 and np.abs(few.astype(int) - many[:3]).max() <= 1
    assert not np.array_equal(training.generate(3, seed=4, weights="raw"), few)
    with pytest.raises(UnusableValue, match="count must be 1 or more"):
        training.generate(0)


def test_view_is_the_newest_grid_and_view_classified_has_a_score_below_each(make):
    training = make()
    training.train(steps=10)
    grid = training.view()
    assert (grid.format, grid.size) == ("PNG", (114, 114))
    assert '"training"' in grid.text["prompt"]
    scored = training.view_classified(5)
    pixels = np.asarray(scored)
    # Three columns of images 72 pixels wide, each with black text on white below it.
    assert scored.width == 3 * 76 + 4
    below = pixels[4 + 72 + 2 : 4 + 72 + 16, 4:76]
    assert below.min() < 100 and (below == 255).mean() > 0.5


def test_the_dashboard_shows_it_as_held_by_this_process(make, home):
    training = make()
    with Store(home) as store:
        assert history.stored_snapshot(store, training.run).held_by.startswith("process ")
        with pytest.raises(RunLocked):
            lock.RunLock(store.files(training.run)).acquire()
        training.close()
        assert history.stored_snapshot(store, training.run).held_by == ""


def test_the_layer_tables_of_given_modules_are_stored_for_the_workflow_page(make, home):
    report = make()._prepared.workflow.report
    table = layer_tables.load_table(home, report, "discriminator")
    assert [(row.name, row.output_shape) for row in table.rows if row.parameters] == [
        ("network.1", (32,)), ("network.4", (1,))
    ]  # fmt: skip
    assert table.parameters == report.nodes["discriminator"].weights == 64 * 32 + 32 + 33


def test_a_closed_training_says_how_to_resume(make):
    training = make()
    with training:
        pass
    with pytest.raises(
        Refusal, match=rf"is closed. Resume its run with Training.resume\('{training.run}', images, …\)"
    ):
        training.train(steps=1)


def test_training_stops_at_the_planned_end_unless_more_steps_are_asked_for(make, home):
    training = make(settings=("training.total_steps=5",))
    training.train()
    with pytest.raises(RunComplete):
        training.train()
    training.train(steps=2)
    with Store(home) as store:
        assert (store.run(training.run).state, training.step) == ("finished", 7)


def test_a_module_that_fails_while_it_is_trained_fails_the_run(make, home):
    class Failing(nn.Linear):
        calls = 0

        def forward(self, values):
            Failing.calls += 1
            if Failing.calls > 30:
                raise RuntimeError("no more")
            return super().forward(values)

    training = make(generator=Failing(8, 64))
    with pytest.raises(NodeFailure, match=r"Generator \(generator\) failed to run its stage 'generate': no more"):
        training.train(steps=100)
    with Store(home) as store:
        record = store.run(training.run)
        assert (record.state, record.error_node) == ("failed", "generator")
        assert lock.holder(store.files(training.run)) is None


def test_a_loss_that_becomes_infinite_leaves_the_run_and_the_modules_at_the_last_sound_step(make, modules, home):
    class Exploding(nn.Linear):
        """Gives infinities once a weight has grown past `limit`, which takes about ten steps."""

        def forward(self, values):
            return super().forward(values) * torch.where(self.weight.max() > self.limit, torch.inf, 1.0)

    given = modules() | {"generator": Exploding(8, 64)}
    given["generator"].limit = given["generator"].weight.max().item() + 0.002
    training = make(settings=("samples.every=1000",), **given)
    with pytest.raises(TrainingStopped, match="became NaN or infinite"):
        training.train(steps=100)
    with Store(home) as store:
        assert store.run(training.run).state == "paused"
    assert given["generator"].weight.isfinite().all() and training.step > 0
    assert training.view().width > 0


@pytest.mark.parametrize(
    ("changes", "error", "sentence"),
    [
        ({"template": "dcgam"}, UnknownTemplate, "did you mean 'dcgan'"),
        ({"painter": nn.Linear(8, 64)}, UnfitModule, "is not a network of this workflow"),
        ({"encoder": nn.Linear(8, 64)}, UnfitModule, "which has: discriminator and generator"),
        ({"generator": 3}, UnfitModule, "is a int"),
        ({"generator": nn.Sequential(nn.Linear(8, 100), nn.Unflatten(1, (1, 10, 10)))}, InvalidWorkflow, "1×10×10"),
        ({"settings": ("generator.hidden=3",)}, UnknownParameter, "has no parameter 'hidden'"),
        ({"settings": ("training.batch_size=361",)}, InvalidWorkflow, "there are only 360 training images"),
        ({"settings": ("noise.dim=9",)}, UnfitModule, "fails on a batch of 2×9"),
        ({"settings": ("data.value_range=0 to 1",)}, UnfitModule, "ends in a tanh"),
        ({"generator": nn.Sequential(nn.Linear(8, 64), nn.Sigmoid())}, UnfitModule, "ends in a sigmoid"),
        ({"name": "x" * 61}, UnusableValue, "must have 1 to 60 visible characters"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_recorded(changes, error, sentence, make, home):
    with pytest.raises(error, match=re.escape(sentence)):
        make(**changes)
    with Store(home) as store:
        assert store.recent() == []


@pytest.mark.parametrize("asked", [{"steps": 0}, {"epochs": -1}, {"steps": 1, "epochs": 1}])
def test_a_length_must_be_positive_and_in_steps_or_epochs_but_not_both(asked, make):
    with pytest.raises(UnusableValue):
        make().train(**asked)

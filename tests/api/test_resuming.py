"""A run created from Python can be resumed from Python, and only from there."""

import re

import pytest
import torch
from torch import nn

from pipeline.api.training import Training
from pipeline.engine.worker import TrainingWorker
from pipeline.errors.runs import NoCheckpoint, OtherImages, RunLocked, UnknownRun
from pipeline.errors.training import MadeInPython, NotLive, UnfitImages, UnfitModule
from pipeline.runs.store import Store
from pipeline.runtime.messages.commands import Fork, Resume, Start
from pipeline.sampling.stored import draw_from_run
from tests.api.conftest import SETTINGS

pytestmark = pytest.mark.usefixtures("home", "one_thread")


@pytest.fixture(params=["mlp-gan"])
def run(request, home, images, modules):
    """The id of a closed run of twelve steps."""
    with Training(images, template=request.param, settings=SETTINGS, **modules()) as training:
        training.train(steps=12)
    return training.run


@pytest.mark.parametrize("run", ["mlp-gan", "hinge-sngan"], indirect=True)
def test_a_resumed_run_equals_an_uninterrupted_one(run, images, modules, home):
    given = modules()
    with Training.resume(run, images, **given) as resumed:
        resumed.train(steps=6)
    whole = modules()
    with Store(home) as store:
        template = "hinge-sngan" if "spectral_norm" in store.run(run).workflow_text else "mlp-gan"
        assert store.run(run).step == 18
    with Training(images, template=template, settings=SETTINGS, **whole) as uninterrupted:
        uninterrupted.train(steps=18)
    for role, module in given.items():
        for name, tensor in module.state_dict().items():
            assert torch.equal(tensor, whole[role].state_dict()[name]), (role, name)


def test_a_damaged_checkpoint_is_passed_over(run, images, modules, home):
    with Store(home) as store:
        folders = dict(store.files(run).checkpoints())
    assert sorted(folders) == [0, 12]
    # The header of the file cannot be read any more.
    (folders[12] / "weights.safetensors").write_bytes(b"")
    with Training.resume(run, images, **modules()) as resumed:
        assert resumed.step == 0
    (folders[0] / "weights.safetensors").write_bytes(b"")
    with pytest.raises(NoCheckpoint, match=r"step 12 is damaged .* and that of step 0 is damaged"):
        Training.resume(run, images, **modules())


def test_the_modules_get_the_weights_of_the_checkpoint_at_once(run, images, modules):
    given = modules()
    with Training.resume("latest", images, **given) as resumed:
        trained = resumed._run.trainer.state.networks["generator"]
        assert torch.equal(given["generator"][0].weight, trained.network[0].weight)
        assert not torch.equal(given["generator"][0].weight, modules()["generator"][0].weight)


@pytest.mark.parametrize(
    ("changes", "error", "sentence"),
    [
        ({"run": "20261122-140501-3fa9c2d1"}, UnknownRun, "There is no run"),
        ({"images": 399}, UnfitImages, "have 359 training images, but the run was trained on 360"),
        ({"held_out": 0.0}, UnfitImages, "have 400 training images"),
        ({"discriminator": None}, UnfitModule, "is missing: the run was trained with"),
        ({"painter": nn.Linear(8, 64)}, UnfitModule, "does not belong to this run"),
        ({"generator": nn.Linear(8, 64)}, UnfitModule, "has different layers from the one"),
    ],
)
def test_what_does_not_fit_is_refused_and_the_run_is_unchanged(changes, error, sentence, run, images, modules, home):
    with Store(home) as store:
        before = store.run(run), store.events(run)
        given = modules() | {name: each for name, each in changes.items() if isinstance(each, nn.Module)}
        if "discriminator" in changes:
            del given["discriminator"]
        few = images[: changes.get("images", 400)]
        with pytest.raises(error, match=re.escape(sentence)):
            Training.resume(changes.get("run", run), few, changes.get("held_out", 0.1), **given)
        assert (store.run(run), store.events(run)) == before


def test_resuming_an_open_run_is_refused(run, images, modules):
    with Training.resume(run, images, **modules()), pytest.raises(RunLocked):
        Training.resume(run, images, **modules())


@pytest.mark.parametrize("command", [Resume, Fork, Start])
def test_the_dashboards_engine_refuses_such_a_run_and_leaves_it_unchanged(command, run, home):
    with Store(home) as store:
        before, events = store.run(run), store.events(run)
        worker = TrainingWorker(home, publish=lambda snapshot: None)
        fields = {} if command is Resume else {"workflow": before.workflow_text}
        with pytest.raises(MadeInPython, match=r"exists only in the process that made it"):
            worker.obey(command(run=run, who="Ada", **fields))
        assert worker.snapshot.state == "idle"
        worker.close()
        assert (store.run(run), store.events(run)) == (before, events)
        assert len(store.recent()) == 1
        with pytest.raises(MadeInPython):
            draw_from_run(store, run, count=1, seed=0)


def test_other_images_are_refused_and_taken_on_request(run, images, modules, home):
    others = images.clone()
    others[7] = others[8]
    with Store(home) as store:
        before = store.run(run), store.events(run)
        with pytest.raises(OtherImages, match="the pictures are others, or in another order"):
            Training.resume(run, others, **modules())
        assert (store.run(run), store.events(run)) == before
        with Training.resume(run, others, accept_data=True, **modules()) as resumed:
            resumed.train(steps=1)
        assert [event.step for event in store.events(run) if event.kind == "images changed"] == [12]
        # Fewer images of the same shape are other images too.
        with Training.resume(run, others[:300], accept_data=True, **modules()) as resumed:
            assert resumed.findings.line == "Read 300 images: 270 for training, 30 held out."
        assert store.run(run).train_images == 270


def test_what_was_read_is_said_when_a_run_starts(images, modules, capfd):
    with Training(images, template="mlp-gan", settings=SETTINGS, **modules()) as training:
        line = training.findings.line
    assert line == "Read 400 images: 360 for training, 40 held out."
    assert line in capfd.readouterr().err.splitlines()


@pytest.mark.parametrize("run", ["mlp-gan"], indirect=True)
def test_live_parameters_can_be_changed_on_resume(run, images, modules, home):
    with Store(home) as store, pytest.raises(NotLive, match=r"generator_optimizer\.learning_rate"):
        before = store.events(run)
        Training.resume(run, images, settings=["training.batch_size=4"], **modules())
    with Training.resume(run, images, settings=["generator_optimizer.learning_rate=1e-4"], **modules()) as resumed:
        assert resumed._run.trainer.state.live["generator_optimizer.learning_rate"] == 1e-4
    with Store(home) as store:
        assert [event.kind for event in store.events(run)[len(before) :]] == ["resumed", "parameter changed"]

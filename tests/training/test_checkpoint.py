"""Checkpoints: a resumed run equals an uninterrupted one, and damaged checkpoints are detected."""

import json
import os
from hashlib import sha256
from pathlib import Path

import pytest
import torch

from pipeline.errors.machine import CannotWrite
from pipeline.errors.runs import BrokenCheckpoint
from pipeline.runs import checkpoints
from pipeline.runs.files import RunFiles
from pipeline.training import checkpoint
from pipeline.training.experiment import begin
from pipeline.training.trainer import Trainer

FAMILIES = ["mlp", "dcgan", "wgan-gp"]
FILES = ["weights.safetensors", "optimizer.pt", "state.json", "manifest.json"]
RATE = "generator_optimizer.learning_rate"


@pytest.fixture
def saved(make_experiment, tmp_path):
    """A trainer after two steps, and the folder of its checkpoint."""
    trainer = Trainer.fresh(make_experiment())
    trainer.slice(2, seconds=60)
    folder = tmp_path / "step-2"
    checkpoint.save(folder, trainer.state, {"name": "a run"})
    return trainer, folder


@pytest.mark.parametrize("family", FAMILIES)
def test_k_steps_then_save_and_load_then_k_steps_equal_2k_steps_bit_for_bit(
    make_experiment, same_bits, tmp_path, family
):
    straight = Trainer.fresh(make_experiment(family))
    first = straight.slice(7, seconds=60)
    straight.set_live(RATE, 0.01)
    rest = straight.slice(7, seconds=60)
    expected = straight.capture()

    before = Trainer.fresh(make_experiment(family))
    before.slice(7, seconds=60)
    before.set_live(RATE, 0.01)
    checkpoint.save(tmp_path / "step-7", before.state, {})
    torch.manual_seed(12345)

    experiment = make_experiment(family)
    resumed = Trainer.fresh(experiment)
    checkpoint.load(tmp_path / "step-7", resumed.state)
    again = resumed.slice(7, seconds=60)

    same_bits(expected, resumed.capture())
    assert again.first_step == rest.first_step == first.steps + 1
    series = len(experiment.series)
    assert (again.values[:, :series] == rest.values[:, :series]).all()


def test_load_returns_the_extra_data(saved):
    trainer, folder = saved
    assert checkpoint.load(folder, trainer.state) == {"name": "a run"}


def test_restored_weights_keep_their_memory_format(make_experiment, tmp_path):
    trainer = Trainer.fresh(make_experiment("dcgan"))
    trainer.slice(1)
    checkpoint.save(tmp_path / "one", trainer.state, {})
    state = begin(make_experiment("dcgan"))
    checkpoint.load(tmp_path / "one", state)
    for role, network in trainer.state.networks.items():
        pairs = zip(network.parameters(), state.networks[role].parameters(), strict=True)
        assert all(ours.stride() == theirs.stride() for ours, theirs in pairs)


def test_a_folder_holds_the_four_files_and_no_temporary_folder_is_left(saved):
    _, folder = saved
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_saving_again_replaces_the_checkpoint(saved):
    trainer, folder = saved
    trainer.slice(1)
    checkpoint.save(folder, trainer.state, {})
    state = begin(trainer.experiment)
    checkpoint.load(folder, state)
    assert state.step == 3
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


@pytest.mark.parametrize("name", FILES)
def test_a_changed_byte_is_detected_and_nothing_is_restored(saved, same_bits, name):
    trainer, folder = saved
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    before = trainer.capture()
    with pytest.raises(BrokenCheckpoint):
        checkpoint.load(folder, trainer.state)
    same_bits(before, trainer.capture())


@pytest.mark.parametrize("name", FILES)
def test_a_truncated_file_is_detected(saved, name):
    trainer, folder = saved
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(BrokenCheckpoint, match=r"is damaged"):
        checkpoint.load(folder, trainer.state)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(saved, name):
    trainer, folder = saved
    (folder / name).unlink()
    with pytest.raises(BrokenCheckpoint, match=name):
        checkpoint.load(folder, trainer.state)


def test_a_manifest_that_lists_nothing_is_refused(saved):
    trainer, folder = saved
    for content in (b"[]", b"{}", b'{"sha256": {}}', b"\xff", json.dumps({"sha256": None}).encode()):
        (folder / "manifest.json").write_bytes(content)
        with pytest.raises(BrokenCheckpoint):
            checkpoint.load(folder, trainer.state)


def test_a_checkpoint_of_other_networks_is_refused_and_changes_nothing(saved, make_experiment, same_bits):
    _, folder = saved
    other = Trainer.fresh(make_experiment("dcgan"))
    before = other.capture()
    with pytest.raises(BrokenCheckpoint, match="its generator does not fit this workflow"):
        checkpoint.load(folder, other.state)
    same_bits(before, other.capture())


def test_a_checkpoint_cannot_run_code(saved):
    trainer, folder = saved
    torch.save({"optimizers": _Malicious(), "random": {}}, folder / "optimizer.pt")
    manifest = json.loads((folder / "manifest.json").read_text())
    content = (folder / "optimizer.pt").read_bytes()
    manifest["sha256"]["optimizer.pt"] = sha256(content).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BrokenCheckpoint):
        checkpoint.load(folder, trainer.state)


class _Malicious:
    def __reduce__(self):
        return os.system, ("echo this must not run",)


def test_a_full_disk_is_reported_and_the_old_checkpoint_is_kept(saved, monkeypatch):
    trainer, folder = saved
    trainer.slice(1)

    def full(descriptor):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(CannotWrite, match="no space left on device"):
            checkpoint.save(folder, trainer.state, {})
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    state = begin(trainer.experiment)
    checkpoint.load(folder, state)
    assert state.step == 2


def test_a_process_that_dies_while_it_replaces_a_checkpoint_leaves_the_old_one(saved, tmp_path, monkeypatch):
    trainer, _ = saved
    files = RunFiles(tmp_path, "20261122-140501-3fa9c2d1")
    folder = files.checkpoint_folder(2)
    checkpoint.save(folder, trainer.state, {"name": "old"})
    with monkeypatch.context() as patch:
        # Between the two renames nothing more is done, and nothing is cleared away.
        patch.setattr(Path, "replace", once(Path.replace))
        patch.setattr(checkpoint, "_clear_leftovers", lambda place: None)
        patch.setattr(Path, "exists", lambda path: path == folder)
        with pytest.raises(CannotWrite):
            checkpoint.save(folder, trainer.state, {"name": "new"})
    assert not folder.exists()
    ((step, left),) = files.checkpoints()
    assert (step, checkpoint.load(left, trainer.state)) == (2, {"name": "old"})
    checkpoint.save(folder, trainer.state, {"name": "new"})
    assert files.checkpoints() == [(2, folder)] and list(folder.parent.iterdir()) == [folder]


def once(function):
    """The function, which can be called a single time; then the disk is broken."""
    calls = []

    def call(*arguments):
        calls.append(arguments)
        if len(calls) > 1:
            raise OSError(5, "Input/output error")
        return function(*arguments)

    return call


def test_a_path_that_is_not_a_folder_is_reported(saved):
    trainer, folder = saved
    with pytest.raises(CannotWrite):
        checkpoint.save(folder / "state.json" / "step-3", trainer.state, {})


def test_a_checkpoint_can_be_described_without_torch(saved):
    trainer, folder = saved
    assert checkpoints.live_values(folder) == trainer.state.live
    assert checkpoints.weight_shapes(folder) == {
        role: {name: tuple(each.shape) for name, each in network.state_dict().items()}
        for role, network in trainer.state.networks.items()
    }


@pytest.mark.parametrize("weights", ["ema", "raw"])
def test_a_single_network_can_be_loaded_for_sampling(saved, make_experiment, weights):
    trainer, folder = saved
    network = make_experiment(seed=99).networks["generator"]
    checkpoint.load_network(folder, "generator", weights, network)
    expected = trainer.state.network("generator", weights).state_dict()
    assert all(torch.equal(tensor, expected[name]) for name, tensor in network.state_dict().items())


def test_a_network_of_another_shape_is_refused_for_sampling(saved, make_experiment):
    _, folder = saved
    with pytest.raises(BrokenCheckpoint, match="generator"):
        checkpoint.load_network(folder, "generator", "ema", make_experiment("dcgan").networks["generator"])


def test_weights_shared_by_layers_are_still_shared_after_loading(make_experiment, same_bits, tmp_path):
    def shared():
        experiment = make_experiment()
        layer = next(each for each in experiment.networks["generator"].modules() if isinstance(each, torch.nn.Linear))
        layer.again = layer.weight
        return Trainer.fresh(experiment)

    trainer, resumed = shared(), shared()
    trainer.slice(3, seconds=60)
    checkpoint.save(tmp_path / "step-3", trainer.state, {})
    trainer.slice(3, seconds=60)
    checkpoint.load(tmp_path / "step-3", resumed.state)
    resumed.slice(3, seconds=60)
    same_bits(trainer.capture(), resumed.capture())
    assert any(name.endswith(".again") for name in checkpoints.weight_shapes(tmp_path / "step-3")["generator"])


def test_a_network_whose_state_has_more_than_tensors_is_named(make_experiment, tmp_path):
    trainer = Trainer.fresh(make_experiment())
    trainer.state.networks["generator"]._register_state_dict_hook(
        lambda module, state, prefix, metadata: state.update({f"{prefix}extra": {}})
    )
    with pytest.raises(TypeError, match="'extra' in the state of the generator is of the type dict"):
        checkpoint.save(tmp_path / "step-0", trainer.state, {})
    assert list(tmp_path.iterdir()) == []

"""Exported weights: under the names of the module itself, also for those made in Python; from undamaged checkpoints."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor, nn

from pipeline import VERSION
from pipeline.api.training import Training
from pipeline.errors.machine import UnusableValue
from pipeline.errors.runs import BrokenCheckpoint, NoCheckpoint, UnknownCheckpoint
from pipeline.models.python_modules import ReshapingWrapper
from pipeline.runs.store import Store
from pipeline.sampling.weights_export import write_weights

SETTINGS = ("noise.dim=8", "training.batch_size=8", "training.device=cpu", "samples.count=4")


def flat_maker() -> nn.Sequential:
    """8 latents -> 64 numbers, which training has to reshape to images."""
    return nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 64), nn.Tanh())


def scorer() -> nn.Sequential:
    """Images -> scores (B,), as training needs them."""
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 1), nn.Flatten(0))


def encoder() -> nn.Sequential:
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 16))


class Inner(nn.Module):
    """A module whose only child has the name that a wrapper would give it."""

    def __init__(self) -> None:
        super().__init__()
        self.network = nn.Sequential(nn.Linear(8, 64), nn.Tanh(), nn.Unflatten(1, (1, 8, 8)))

    def forward(self, latents: Tensor) -> Tensor:
        made: Tensor = self.network(latents)
        return made


@pytest.fixture
def images() -> Tensor:
    return torch.rand(40, 1, 8, 8, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def trained(home: Path, images: Tensor, one_thread: None) -> Iterator[tuple[str, dict[str, nn.Module]]]:
    modules: dict[str, nn.Module] = {"generator": flat_maker(), "discriminator": scorer()}
    settings = (*SETTINGS, "training.ema_halflife_images=100")
    with Training(images, template="mlp-gan", settings=settings, **modules) as training:
        training.train(steps=3)
        yield training.run, modules


def same(module: nn.Module, path: Path) -> bool:
    """Whether the file loads into a module of the same class and has the values of this one."""
    loaded = load_file(path)
    return loaded.keys() == module.state_dict().keys() and all(
        torch.equal(loaded[name], tensor) for name, tensor in module.state_dict().items()
    )


def test_every_network_gets_a_file_under_its_own_names(trained, home, tmp_path):
    run, modules = trained
    with Store(home) as store:
        written = write_weights(store, run, tmp_path / "weights", weights="raw")
    assert written.step == 3 and written.kinds == {"discriminator": "raw", "generator": "raw"}
    assert sorted(path.name for path in (tmp_path / "weights").iterdir()) == [
        "discriminator.safetensors", "generator.safetensors"
    ]  # fmt: skip
    for role, module in modules.items():
        assert same(module, written.files[role])


def test_averaged_weights_are_the_default_where_they_are_kept_and_the_file_says_so(trained, home, tmp_path):
    run, modules = trained
    with Store(home) as store:
        written = write_weights(store, run, tmp_path / "weights")
    assert written.kinds == {"discriminator": "raw", "generator": "ema"}
    assert not same(modules["generator"], written.files["generator"])
    flat_maker().load_state_dict(load_file(written.files["generator"]))
    with safe_open(written.files["generator"], "pt") as file:
        assert file.metadata() == {
            "format": "pt", "version": VERSION, "run": run, "step": "3", "network": "generator", "weights": "ema"
        }  # fmt: skip


def test_a_child_called_network_keeps_its_name(home, images, tmp_path, one_thread):
    module = Inner()
    with Training(images, template="mlp-gan", settings=SETTINGS, generator=module, discriminator=scorer()) as training:
        training.train(steps=1)
        with Store(home) as store:
            out = tmp_path / "one.safetensors"
            write_weights(store, training.run, out, network="generator", weights="raw")
    assert same(module, out)


def test_a_decoder_whose_tanh_is_outside_of_its_wrapper_is_exported_under_its_own_names(
    home, images, tmp_path, one_thread
):
    decoder = flat_maker()
    settings = ("noise.dim=8", "training.batch_size=8", "training.device=cpu", "samples.count=4")
    with Training(images, template="vae", settings=settings, encoder=encoder(), decoder=decoder) as training:
        training.train(steps=1)
        kinds = [type(module) for module in training._run.trainer.state.networks["decoder"].children()]
        assert kinds == [ReshapingWrapper, nn.Tanh]
        with Store(home) as store:
            written = write_weights(store, training.run, tmp_path / "weights", weights="raw")
    assert same(decoder, written.files["decoder"])


def test_several_networks_do_not_fit_into_one_file_and_an_unknown_one_is_refused(trained, home, tmp_path):
    run, _ = trained
    with Store(home) as store:
        with pytest.raises(UnusableValue, match="2 networks, discriminator and generator: choose one with --network"):
            write_weights(store, run, tmp_path / "a.safetensors")
        with pytest.raises(UnusableValue, match="no network 'critic': its networks are discriminator and generator"):
            write_weights(store, run, tmp_path / "weights", network="critic")
        with pytest.raises(UnknownCheckpoint):
            write_weights(store, run, tmp_path / "weights", step=2)
    assert not (tmp_path / "weights").exists() and not (tmp_path / "a.safetensors").exists()


def test_a_damaged_newest_checkpoint_is_skipped_unless_it_is_asked_for(trained, home, tmp_path):
    run, _ = trained
    with Store(home) as store:
        newest = store.files(run).checkpoint_folder(3) / "weights.safetensors"
        newest.write_bytes(newest.read_bytes()[:-1] + b"!")
        written = write_weights(store, run, tmp_path / "weights")
        assert written.step == 0 and "damaged" in written.skipped[0]
        with pytest.raises(BrokenCheckpoint):
            write_weights(store, run, tmp_path / "weights", step=3)
        for _, folder in store.files(run).checkpoints():
            (folder / "weights.safetensors").write_bytes(b"")
        with pytest.raises(NoCheckpoint):
            write_weights(store, run, tmp_path / "weights")

"""A run as one file: it draws what `sample` draws, pixel for pixel, in a process that has torch and numpy alone."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from pipeline.errors.runs import BrokenCheckpoint, UnknownCheckpoint
from pipeline.errors.training import UnwritableModel
from pipeline.families.adversarial.sampler import GeneratorSampler
from pipeline.runs.checkpoints import WEIGHTS
from pipeline.sampling.checkpoints import open_run
from pipeline.sampling.reconstructing import reconstruct_from_run
from pipeline.sampling.stored import draw_from_run
from pipeline.standalone import file_text, module_source, writing
from pipeline.standalone.writing import write_model
from pipeline.training.condition import of_class
from tests.standalone.conftest import RUNS

CODING = ("autoencoder", "vae", "latent-diffusion")
CONDITIONAL = ("hinge-sngan", "ddpm", "flow", "latent-diffusion")
ACROSS_BATCHES = 40


@pytest.mark.slow
def test_the_file_of_each_family_draws_and_reconstructs_the_same_pixels_in_a_fresh_process(runs_home, run_alone, out):
    store, ids = runs_home
    commands, expected = [], {}
    for name in RUNS:
        model = str(write_model(store, ids[name], out / name).folder / "model.py")
        drawn = draw_from_run(store, ids[name], count=ACROSS_BATCHES, seed=3, device="cpu")
        expected[f"{name}.npz"] = drawn.images
        commands.append([model, "--seed", "3", "--count", str(ACROSS_BATCHES), "--out", str(out / f"{name}.npz")])
        if name in CONDITIONAL:
            drawn = draw_from_run(store, ids[name], count=3, seed=1, condition=of_class(7), device="cpu")
            expected[f"{name}-7.npz"] = drawn.images
            path = str(out / f"{name}-7.npz")
            commands.append([model, "--class", "7", "--seed", "1", "--count", "3", "--out", path])
        if name in CODING:
            found = reconstruct_from_run(store, ids[name], count=20, device="cpu")
            expected[f"{name}-decoded.npz"] = found.reconstructions
            np.save(out / f"{name}.npy", found.originals)
            path = str(out / f"{name}-decoded.npz")
            commands.append([model, "--reconstruct", str(out / f"{name}.npy"), "--out", path])
    run_alone(commands)
    for name, images in expected.items():
        np.testing.assert_array_equal(np.load(out / name)["images"], images, name)


@pytest.mark.slow
def test_the_weights_load_by_themselves_and_the_file_passes_the_linter(runs_home, out):
    store, ids = runs_home
    for name in ("hinge-sngan", "latent-diffusion"):
        written = write_model(store, ids[name], out / name, weights="raw", step=0 if name == "hinge-sngan" else None)
        pickled = torch.load(out / name / "model.pth", weights_only=True)
        tensors = load_file(out / name / "weights.safetensors")
        assert pickled.keys() == tensors.keys() and all(torch.equal(pickled[key], tensors[key]) for key in tensors)
        with writing._imported(out, (out / name / "model.py").read_text()) as module:
            module.Model().load_state_dict(pickled)
        assert {key.split(".")[0] for key in pickled} == set(written.networks)
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--line-length", "120", "--select", "E,F,W,I", out]
    found = subprocess.run(command, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout


@pytest.mark.slow
def test_a_name_of_a_run_cannot_leave_the_docstring(runs_home, out):
    store, ids = runs_home
    opened = open_run(store, ids["vae"], None)
    hostile = replace(opened, record=replace(opened.record, name='""" + exit(3) + """ \\'))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "open_run", lambda *_: hostile)
        text = (write_model(store, ids["vae"], out).folder / "model.py").read_text()
    with writing._imported(out, text) as module:
        assert "exit(3)" in module.__doc__


@pytest.mark.slow
def test_a_network_that_draws_nothing_is_left_out_if_it_cannot_be_written(runs_home, out, monkeypatch):
    store, ids = runs_home
    written = module_source.module_expression

    def refusing(role, network):
        if role == "discriminator":
            raise UnwritableModel("its discriminator has a layer of the class Mine")
        return written(role, network)

    monkeypatch.setattr(file_text, "module_expression", refusing)
    found = write_model(store, ids["hinge-sngan"], out)
    assert found.networks == ("generator",)
    assert found.left_out == ("The discriminator is not in the files, because its layers cannot be written.",)
    assert {name.split(".")[0] for name in load_file(out / "weights.safetensors")} == {"generator"}


@pytest.mark.slow
def test_what_cannot_be_written_is_refused_and_leaves_no_folder(runs_home, out, monkeypatch):
    store, ids = runs_home
    run = ids["hinge-sngan"]
    with pytest.raises(UnknownCheckpoint, match="no checkpoint at step 3"):
        write_model(store, run, out, step=3)
    with monkeypatch.context() as patch:
        patch.setattr(GeneratorSampler, "standalone", lambda _: None)
        with pytest.raises(UnwritableModel, match=r"GeneratorSampler does not say how to draw.*use --to safetensors"):
            write_model(store, run, out)
    with monkeypatch.context() as patch:
        other = GeneratorSampler.standalone
        patch.setattr(
            GeneratorSampler,
            "standalone",
            lambda self: replace(other(self), settings={**other(self).settings, "classes": 0}),
        )
        with pytest.raises(UnwritableModel, match="the file would fail to draw images"):
            write_model(store, run, out)
    folder = dict(store.files(run).checkpoints())[4]
    content = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    try:
        with pytest.raises(BrokenCheckpoint):
            write_model(store, run, out, step=4)
        assert not out.exists()
        written = write_model(store, run, out)
        assert written.step == 0 and "damaged" in written.remarks[0]
    finally:
        (folder / WEIGHTS).write_bytes(content)

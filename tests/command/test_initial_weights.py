"""`train --weights`: a run that begins with the weights of a file, which its first checkpoint keeps."""

from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.runs.store import Store


@pytest.fixture
def model(trained, run_at_home, home, monkeypatch, tmp_path) -> Path:
    """The folder of an exported model; afterwards, commands use a home of their own."""
    code, facts, _ = run_at_home("export", "latest", "--to", "torch", "--out", tmp_path / "model")
    assert (code, facts["networks"]) == (0, ["generator", "discriminator"])
    assert run_at_home("sample", "latest", "--count", 20, "--out", tmp_path / "expected.npz")[0] == 0
    monkeypatch.setenv("GENSCOPE_HOME", str(home))
    return tmp_path / "model"


@pytest.mark.parametrize("name", ["model.pth", "weights.safetensors"])
def test_a_run_begins_with_exported_weights_keeps_them_and_records_their_hash(name, model, run, small, home, tmp_path):
    code, facts, told = run("train", small, "--steps", 2, "--weights", model / name)
    assert code == 0
    assert "generator: 4 of 4 tensors from the file" in told and "discriminator: 4 of 4 tensors" in told
    assert run("sample", facts["run"], "--step", 0, "--count", 20, "--out", tmp_path / "begun.npz")[0] == 0
    begun, expected = (np.load(tmp_path / f"{each}.npz")["images"] for each in ("begun", "expected"))
    np.testing.assert_array_equal(begun, expected)
    with Store(home) as store:
        (event,) = [event for event in store.events(facts["run"]) if event.kind == "weights loaded"]
    assert event.text.startswith(f"Began with 8 tensors of {name}, SHA-256 {event.data['sha256'][:16]}.")


def test_a_run_begins_with_what_fits_of_another_architecture_and_says_what_does_not(model, run, small):
    code, _, told = run("train", small, "--steps", 1, "--weights", model / "model.pth", "--set", "generator.hidden=24")
    assert code == 0
    assert "Not from the file, but as initialised: 4 tensors of the generator." in told
    assert "linear_1.weight: 16×100 in the file, 24×100 in the network" in told


def test_the_weights_of_one_network_are_for_the_network_that_is_named(model, run, small, tmp_path):
    weights = torch.load(model / "model.pth", weights_only=True)
    own = {name.removeprefix("generator."): each for name, each in weights.items() if name.startswith("generator.")}
    torch.save({"state_dict": {f"module.{name}": each for name, each in own.items()}}, tmp_path / "parallel.pth")
    arguments = ("train", small, "--steps", 1, "--weights", tmp_path / "parallel.pth", "--network", "generator")
    code, _, told = run(*arguments)
    assert code == 0 and "generator: 4 of 4 tensors" in told and "discriminator: none of 4 tensors" in told


def test_weights_that_fit_nothing_are_refused_and_nothing_is_recorded(run, small, home, tmp_path):
    torch.save({"conv.weight": torch.ones(2, 2)}, tmp_path / "other.pth")
    code, facts, _ = run("train", small, "--steps", 1, "--weights", tmp_path / "other.pth")
    assert code == 2
    assert "its tensors, such as conv.weight, have other names than those of generator" in facts["error"]
    with Store(home) as store:
        assert store.recent(1) == [] and not list((home / "runs").glob("*"))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["WORKFLOW", "--weights", "."], "it is a folder"),
        (["WORKFLOW", "--weights", "none.pth"], "no such file"),
        (["WORKFLOW", "--network", "generator"], "--network goes with --weights"),
        (["--resume", "latest", "--weights", "none.pth"], "--weights goes with a workflow"),
        (["--fork", "latest", "--weights", "none.pth"], "--weights goes with a workflow"),
    ],
)
def test_options_that_make_no_sense_are_refused_before_there_is_a_home(arguments, sentence, run, small, home):
    code, facts, _ = run("train", *(small if each == "WORKFLOW" else each for each in arguments))
    assert (code, home.exists()) == (2, False)
    assert sentence in facts["error"]

"""Which tensors of a file fit which network, and what a run begins with."""

import pytest
import torch
from torch import nn

from pipeline.errors.runs import UnfitWeights
from pipeline.training import given_weights
from pipeline.training.experiment import begin
from pipeline.training.given_weights import InitialWeights, shapes_of
from pipeline.training.weights_file import WeightsFile


def maker(width=4):
    return nn.Sequential(nn.Linear(2, width), nn.ReLU(), nn.Linear(width, 9))


def judge():
    return nn.Sequential(nn.Linear(9, 4), nn.ReLU(), nn.Linear(4, 1))


def file_of(**networks):
    tensors = {f"{role}.{name}": each for role, net in networks.items() for name, each in net.state_dict().items()}
    return WeightsFile("model.pth", "0" * 64, tensors)


def bare(network):
    return WeightsFile("model.pth", "0" * 64, dict(network.state_dict()))


def fit(file, networks, network=None):
    shapes = {role: shapes_of(each.state_dict()) for role, each in networks.items()}
    return given_weights.fit(InitialWeights(file, network), shapes)


def test_the_tensors_of_a_whole_model_are_matched_by_role_and_name():
    found = fit(file_of(maker=maker(), judge=judge()), {"maker": maker(), "judge": judge()})
    assert len(found.loaded) == 8 and not (found.missing or found.other_shape or found.unexpected)
    assert found.remainder == ""
    assert found.table == ("maker: 4 of 4 tensors from the file", "judge: 4 of 4 tensors from the file")


def test_what_does_not_fit_is_listed_with_names_and_shapes():
    tensors = dict(file_of(maker=maker()).tensors) | {"maker.extra": torch.ones(1), "maker.2.weight": torch.ones(9, 5)}
    del tensors["maker.0.bias"]
    found = fit(WeightsFile("model.pth", "", tensors), {"maker": maker(), "judge": judge()})
    assert found.loaded == ("maker.0.weight",)
    assert found.table == (
        "maker: 1 of 4 tensors from the file",
        "  missing in the file: 1",
        "    0.bias",
        "  of another shape: 1",
        "    2.weight: 9×5 in the file, 9×4 in the network",
        "  left out, because their layers do not fit: 1",
        "    2.bias",
        "judge: none of 4 tensors from the file",
        "  not in these networks: 1",
        "    maker.extra",
    )
    assert (
        found.remainder == "Not from the file, but as initialised: 3 tensors of the maker and 4 tensors of the judge."
    )


def test_long_lists_are_cut():
    tensors = {f"judge.{number}.weight": torch.ones(1) for number in range(40)} | file_of(judge=judge()).tensors
    table = fit(WeightsFile("model.pth", "", tensors), {"judge": judge()}).table
    assert "    and 26 more" in table and len(table) == 15


def test_the_file_of_one_network_is_for_the_one_that_it_fits_or_that_is_named():
    networks = {"maker": maker(), "judge": judge()}
    assert {name.split(".")[0] for name in fit(bare(judge()), networks).loaded} == {"judge"}
    twins = {"maker": maker(), "copy": maker()}
    with pytest.raises(UnfitWeights, match="its tensors fit the maker and the copy: say which one is meant"):
        fit(bare(maker()), twins)
    assert {name.split(".")[0] for name in fit(bare(maker()), twins, "copy").loaded} == {"copy"}
    assert {name.split(".")[0] for name in fit(file_of(**twins), twins, "copy").loaded} == {"copy"}


@pytest.mark.parametrize(
    ("file", "network", "why"),
    [
        (bare(nn.Sequential(nn.Linear(7, 5), nn.ReLU(), nn.Linear(5, 6))), None, "maker.0.weight is 5×7 in the file"),
        (bare(nn.ModuleDict({"conv": nn.Conv2d(1, 2, 3)})), None, "such as conv.weight and conv.bias, have other"),
        (bare(maker()), "critic", "has no network 'critic': choose maker and judge"),
        (bare(nn.Linear(9, 5)), "maker", "such as weight and bias, have other names"),
    ],
)
def test_a_file_that_fits_nothing_is_refused_and_says_why(file, network, why):
    with pytest.raises(UnfitWeights, match=why):
        fit(file, {"maker": maker(), "judge": judge()}, network)


def test_a_state_begins_with_the_weights_in_its_networks_and_averages(make_experiment):
    experiment = make_experiment(ema_halflife_images=100)
    state, other = begin(experiment), begin(make_experiment(seed=5)).networks["generator"]
    before = {name: each.clone() for name, each in state.networks["discriminator"].state_dict().items()}
    initial = InitialWeights(bare(other), "generator")
    found = initial.load(state)
    for network in (state.networks["generator"], state.averages["generator"]):
        assert all(torch.equal(each, other.state_dict()[name]) for name, each in network.state_dict().items())
    after = state.networks["discriminator"].state_dict()
    assert all(torch.equal(after[name], each) for name, each in before.items())
    assert initial.record(found)["sha256"] == "0" * 64
    assert initial.sentence(found).startswith(f"Began with {len(found.loaded)} tensors of model.pth, SHA-256 0000")


def test_networks_that_come_trained_are_left_alone(make_experiment):
    state = begin(make_experiment())
    file = file_of(**begin(make_experiment(seed=5)).networks)
    kept = {name: each.clone() for name, each in state.networks["generator"].state_dict().items()}
    InitialWeights(file).load(state, frozen=("generator",))
    after = state.networks["generator"].state_dict()
    assert all(torch.equal(after[name], each) for name, each in kept.items())


def test_the_network_that_the_file_names_gets_its_weights_even_if_another_fits_better():
    networks = {"first": nn.Sequential(nn.Linear(4, 9)), "second": nn.Sequential(nn.Linear(4, 9), nn.Linear(9, 2))}
    file = WeightsFile("second.safetensors", "0" * 64, dict(networks["second"].state_dict()), "first")
    found = fit(file, networks)
    assert found.loaded == ("first.0.weight", "first.0.bias")
    assert fit(file, networks, "second").loaded[0] == "second.0.weight"
    other = WeightsFile("a.safetensors", "0" * 64, dict(networks["second"].state_dict()), "unknown")
    assert fit(other, networks).loaded[0] == "second.0.weight"

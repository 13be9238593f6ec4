"""Probed steps: equal to plain steps, with correct measurements of every layer."""

from dataclasses import replace
from time import perf_counter

import numpy as np
import pytest
import torch

from pipeline.errors.training import NodeFailure
from pipeline.inspection.probes import probed_step
from pipeline.runs.probe_records import EDGES
from pipeline.training.trainer import Trainer

FAMILIES = ["mlp", "dcgan", "wgan-gp"]


def modules(trainer):
    return [module for network in trainer.state.networks.values() for module in network.modules()]


def hooks(trainer):
    return [hook for module in modules(trainer) for hook in module._forward_hooks.values()]


def by_name(probe):
    return {(layer.role, layer.name): layer for layer in probe.layers}


def failing(experiment, stage):
    """The same experiment with a failing stage in the generator's update."""

    def fail(state, made):
        raise RuntimeError("no memory")

    update = experiment.updates[-1]
    operations = tuple(replace(o, run=fail) if o.name == stage else o for o in update.operations)
    return replace(experiment, updates=(*experiment.updates[:-1], replace(update, operations=operations)))


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("family", FAMILIES)
def test_probed_steps_equal_plain_ones_bit_for_bit(make_experiment, same_bits, family, precision):
    experiment = make_experiment(family, discriminator_updates=2, precision=precision)
    plain = Trainer.fresh(experiment)
    expected = np.concatenate([plain.slice(1).values for _ in range(4)])
    state = plain.capture()
    probed = Trainer.fresh(experiment)
    done = [probed_step(probed)[0] for _ in range(4)]
    same_bits(state, probed.capture())
    series = len(experiment.series)
    assert np.array_equal(expected[:, :series], np.concatenate([each.values for each in done])[:, :series])
    assert [(each.first_step, each.steps) for each in done] == [(1, 1), (2, 1), (3, 1), (4, 1)]


@pytest.mark.parametrize("family", FAMILIES)
def test_no_hook_is_left_behind(make_experiment, family):
    trainer = Trainer.fresh(make_experiment(family))
    probed_step(trainer)
    assert hooks(trainer) == []


@pytest.mark.parametrize("stage", ["generate", "score fake", "update"])
def test_no_hook_is_left_behind_by_a_step_that_fails(make_experiment, stage):
    trainer = Trainer.fresh(failing(make_experiment("dcgan"), stage))
    with pytest.raises(NodeFailure):
        probed_step(trainer)
    assert hooks(trainer) == []


@pytest.mark.parametrize("family", FAMILIES)
def test_activations_are_measured_over_all_calls_in_the_step(make_experiment, family):
    experiment = make_experiment(family, discriminator_updates=2)
    twin = Trainer.fresh(experiment)
    returned = {}
    for role, network in twin.state.networks.items():
        for path, module in network.named_modules():
            kept = returned.setdefault((role, f"{path} {type(module).__name__}"), [])
            module.register_forward_hook(lambda m, i, output, kept=kept: kept.append(output.detach().flatten().numpy()))
    twin.slice(1)
    _, probe = probed_step(Trainer.fresh(experiment))
    for key, layer in by_name(probe).items():
        values = np.concatenate(returned[key]).astype(np.float64)
        assert layer.activation_mean == pytest.approx(values.mean(), abs=1e-6)
        assert layer.activation_std == pytest.approx(values.std(), rel=1e-5)
        assert layer.zeros == np.mean(values == 0)
        assert np.array_equal(layer.activation_histogram, np.histogram(values, EDGES)[0])


def test_a_layer_with_dropout_has_zeros_and_one_without_has_none(make_experiment):
    layers = by_name(probed_step(Trainer.fresh(make_experiment("mlp")))[1])
    assert 0.1 < layers["discriminator", "dropout_1 Dropout"].zeros < 0.5
    assert layers["discriminator", "linear_1 Linear"].zeros == 0


@pytest.mark.parametrize("family", FAMILIES)
def test_weights_gradients_and_updates_equal_those_after_the_step(make_experiment, family):
    trainer = Trainer.fresh(make_experiment(family, discriminator_updates=2))
    trainer.slice(2, seconds=60)
    before = trainer.capture().networks
    done, probe = probed_step(trainer)
    metrics = dict(zip(done.names, done.values[0], strict=True))
    for role, network in trainer.state.networks.items():
        total = 0.0
        for layer in (layer for layer in probe.layers if layer.role == role):
            module = network.get_submodule(layer.name.split()[0])
            paths = [f"{layer.name.split()[0]}.{name}" for name, _ in module.named_parameters()]
            weights = [network.get_parameter(path).detach() for path in paths]
            if not weights:
                assert np.isnan([layer.weight_norm, layer.gradient_norm, layer.update_norm]).all()
                assert not layer.weight_histogram.any() and not layer.gradient_histogram.any()
                continue
            flat, then = (
                torch.cat([w.flatten() for w in each]) for each in (weights, [before[role][p] for p in paths])
            )
            assert layer.weight_norm == pytest.approx(flat.norm().item(), rel=1e-5)
            assert layer.update_norm == pytest.approx((flat - then).norm().item(), rel=1e-5) and layer.update_norm > 0
            gradients = torch.cat([network.get_parameter(path).grad.flatten() for path in paths])
            assert layer.gradient_norm == pytest.approx(gradients.norm().item(), rel=1e-5)
            assert np.array_equal(layer.weight_histogram, np.histogram(flat.numpy(), EDGES)[0])
            assert layer.gradient_histogram.sum() == flat.numel()
            total += layer.gradient_norm**2
        assert np.sqrt(total) == pytest.approx(metrics[f"{role[0].upper()}_grad_norm"], rel=1e-4)


def test_layers_are_in_network_order_without_reshaping_ones(make_experiment):
    _, probe = probed_step(Trainer.fresh(make_experiment("dcgan")))
    assert [layer.name for layer in probe.layers if layer.role == "discriminator"] == [
        "conv2d_1 Conv2d", "leaky_relu_1 LeakyReLU", "linear_1 Linear",
    ]  # fmt: skip
    assert [layer.role for layer in probe.layers] == sorted((layer.role for layer in probe.layers), reverse=True)


def test_a_probe_has_its_step_and_its_cost(make_experiment):
    trainer = Trainer.fresh(make_experiment())
    trainer.slice(2, seconds=60)
    started = perf_counter()
    done, probe = probed_step(trainer)
    assert (probe.step, done.first_step) == (3, 3)
    assert 0 < probe.seconds < perf_counter() - started
    assert set(probe.scores.counts) == {"real", "fake", "held-out"}


def test_a_half_done_step_is_finished_and_unknown_values_are_nan(make_experiment, same_bits):
    experiment = make_experiment("dcgan")
    plain, trainer = Trainer.fresh(experiment), Trainer.fresh(experiment)
    plain.slice(1)
    for stage in trainer.stages():
        if (stage.update, stage.name) == ("discriminator", "update"):
            break
    done, probe = probed_step(trainer)
    same_bits(plain.capture(), trainer.capture())
    assert (done.first_step, done.steps, probe.step) == (1, 1, 1)
    assert all(np.isnan(layer.update_norm) for layer in probe.layers)
    assert by_name(probe)["generator", "linear_1 Linear"].gradient_norm > 0

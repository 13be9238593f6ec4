"""A gradient penalty over batch normalization."""

from dataclasses import replace

from pipeline.families.adversarial.hints.penalties import penalised_batch_norm
from pipeline.health.facts import Facts, PenalisedBatchNorm
from tests.health.made_up import codes_of

FOUND = PenalisedBatchNorm("R1 / R2 penalty", "Discriminator", 10.0, 2)


def test_a_penalty_over_batch_normalization_is_told_with_its_weight_and_the_layers(run, only):
    hint = only(replace(run(), facts=Facts(penalised=(FOUND,))), "penalised-batch-norm")
    assert hint.severity == "warning"
    assert hint.evidence == {"penalty_weight": 10.0, "batch norm layers": 2}
    assert hint.text.startswith("R1 / R2 penalty, with a weight of 10, is for the gradient at each image")
    assert "the 2 batch normalizations of Discriminator" in hint.text


def test_a_penalty_of_weight_0_or_none_gives_no_hint(run):
    off = replace(run(), facts=Facts(penalised=(replace(FOUND, weight=0.0),)))
    assert codes_of(off, [penalised_batch_norm]) == codes_of(run(), [penalised_batch_norm]) == []

"""Which rules the runs of a family are judged by."""

import re

import numpy as np
import pytest

from pipeline.errors.workflow import MisdeclaredFamily
from pipeline.families.adversarial.family import ADVERSARIAL
from pipeline.families.autoencoder.family import AUTOENCODER
from pipeline.families.family import Families, Family, Role, UpdateKind
from pipeline.health.hint import Lever
from pipeline.health.rules import hints
from pipeline.runs.series import GRADIENT_NORM, Series
from tests.health.made_up import made_up

PAINTER = Role("painter", "amber", gradient="norm")
JUDGE = Role("judge", "sky", "left", gradient="norm")
NORM = Series("norm", "L2 norm of both gradients", GRADIENT_NORM)


def family(**changes):
    facts = {"roles": (PAINTER, JUDGE), "updates": (UpdateKind("both"),), "series": (NORM,)} | changes
    return Family("painting", "Painting", **facts)


def test_a_family_without_rules_of_its_own_is_judged_by_those_that_fit_any_with_its_own_roles():
    history = made_up({"norm": 6.0}, {"dead_units": 0.0}, norm=[1e6] * 100)
    (hint,) = hints(history, family().health_rules)
    assert hint.code == "exploding-painter-and-judge-gradients"
    assert hint.levers[0] == Lever("painter optimizer", "learning_rate")


def test_a_family_that_wants_none_has_none_and_one_with_its_own_has_just_those():
    def own(history):
        return None

    assert family(rules=()).health_rules == ()
    assert family(rules=(own,)).health_rules == (own,)


def test_networks_with_gradients_of_their_own_are_spoken_of_one_by_one():
    roles = (Role("painter", "amber", gradient="norm"), Role("judge", "sky"), Role("frame", "grey"))
    history = made_up({"norm": 6.0}, {}, norm=[1e6] * 100)
    found = [hint.code for hint in hints(history, family(roles=roles).health_rules)]
    assert found == ["exploding-painter-gradients"]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"series": ()}, "the gradient of its role 'painter' is 'norm', which is none of its series"),
        ({"rules": (print, "no rule")}, "one of its rules is no function"),
    ],
)
def test_a_gradient_that_nothing_records_and_a_rule_that_is_none_are_refused(changes, fault):
    with pytest.raises(MisdeclaredFamily, match=re.escape(fault)):
        Families().register(family(**changes))


@pytest.mark.parametrize(
    ("family", "wrong"),
    [
        (ADVERSARIAL, {"D_loss": [np.nan]}),
        (ADVERSARIAL, {"D_grad_norm": [1e6] * 100, "G_grad_norm": 1e-9}),
        (ADVERSARIAL, {"D_real": 0.99, "D_fake": 0.01}),
        (ADVERSARIAL, {"diversity": np.linspace(0.01, 0.02, 9), "dead_units": [0.9] * 9}),
        (AUTOENCODER, {"loss": [np.nan], "kl": 0.01, "held_out_reconstruction": 9.0}),
        (AUTOENCODER, {"grad_norm": [1e6] * 100, "dead_units": [0.9] * 9}),
    ],
)
def test_every_hint_speaks_of_what_the_runs_of_its_family_may_have(family, wrong):
    own = {role.name for role in family.roles}
    known = own | {f"{name} optimizer" for name in own} | {"real", "noise", "objective", "training"}
    usual = {series.name: 0.5 for series in family.series}
    history = made_up(usual, {"diversity": 0.9, "dead_units": 0.0}, scores="probability", **wrong)
    found = hints(history, family.health_rules)
    assert found
    assert {lever.role for hint in found for lever in hint.levers} <= known

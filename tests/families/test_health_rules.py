"""The health rules that apply to the runs of a family."""

import re

import numpy as np
import pytest

from pipeline.errors.workflow import MisdeclaredFamily
from pipeline.families.adversarial.family import ADVERSARIAL
from pipeline.families.autoencoder.family import AUTOENCODER
from pipeline.families.family import Families, Family, Role, UpdateKind
from pipeline.health.hint import Suggestion
from pipeline.health.rules import hints
from pipeline.runs.series import GRADIENT_NORM, Series
from tests.health.made_up import made_up

PAINTER = Role("painter", "amber", gradient="norm")
JUDGE = Role("judge", "sky", "left", gradient="norm")
NORM = Series("norm", "L2 norm of both gradients", GRADIENT_NORM)


def family(**changes):
    facts = {"roles": (PAINTER, JUDGE), "updates": (UpdateKind("both"),), "series": (NORM,)} | changes
    return Family("painting", "Painting", **facts)


def test_a_family_without_rules_gets_the_default_rules_for_its_roles():
    history = made_up({"norm": 6.0}, {"dead_units": 0.0}, norm=[1e6] * 100)
    (hint,) = hints(history, family().health_rules)
    assert hint.code == "exploding-painter-and-judge-gradients"
    assert hint.suggestions[0] == Suggestion("painter optimizer", "learning_rate")


def test_a_family_with_an_empty_or_custom_set_of_rules_has_exactly_those():
    def own(history):
        return None

    assert family(rules=()).health_rules == ()
    assert family(rules=(own,)).health_rules == (own,)


def test_networks_with_separate_gradients_get_separate_rules():
    roles = (Role("painter", "amber", gradient="norm"), Role("judge", "sky"), Role("frame", "grey"))
    history = made_up({"norm": 6.0}, {}, norm=[1e6] * 100)
    found = [hint.code for hint in hints(history, family(roles=roles).health_rules)]
    assert found == ["exploding-painter-gradients"]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"series": ()}, "the gradient of its role 'painter' is 'norm', which is not one of its series"),
        ({"rules": (print, "no rule")}, "one of its rules is not a function"),
    ],
)
def test_an_unrecorded_gradient_and_a_rule_that_is_not_a_function_are_refused(changes, fault):
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
def test_every_hint_refers_to_roles_that_its_family_has(family, wrong):
    own = {role.name for role in family.roles}
    known = own | {f"{name} optimizer" for name in own} | {"real", "noise", "objective", "training"}
    usual = {series.name: 0.5 for series in family.series}
    history = made_up(usual, {"diversity": 0.9, "dead_units": 0.0}, scores="probability", **wrong)
    found = hints(history, family.health_rules)
    assert found
    assert {lever.role for hint in found for lever in hint.suggestions} <= known

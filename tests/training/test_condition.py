"""What images are asked to be, and what a run can be asked for."""

import pytest

from pipeline.errors.machine import UnusableValue
from pipeline.training.condition import NOTHING, Classes, Condition, OfClass, require

DIGITS = Classes(tuple("0123456789"))


class Loudly(Condition):
    """Something that no built-in run can be asked for."""


def test_nothing_can_be_asked_of_every_run():
    require(NOTHING, ())
    require(NOTHING, (DIGITS,))


@pytest.mark.parametrize("label", [0, 9])
def test_a_class_that_there_is_can_be_asked_for(label):
    require(OfClass(label), (DIGITS,))


@pytest.mark.parametrize("label", [-1, 10])
def test_a_class_that_there_is_not_is_refused_with_those_that_there_are(label):
    with pytest.raises(UnusableValue, match=f"There is no class {label}: choose one from 0 to 9"):
        require(OfClass(label), (DIGITS,))


def test_a_run_without_classes_cannot_be_asked_for_one():
    with pytest.raises(UnusableValue, match="cannot be asked for a class"):
        require(OfClass(0), ())


def test_what_is_of_another_kind_is_refused():
    with pytest.raises(UnusableValue, match="cannot be asked for that"):
        require(Loudly(), (DIGITS,))

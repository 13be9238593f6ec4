"""Conditions, and the kinds of conditions that a run supports."""

import pytest

from pipeline.errors.machine import UnusableValue
from pipeline.training.condition import UNCONDITIONAL, ClassCondition, Classes, Condition, label_of, require

DIGITS = Classes(tuple("0123456789"))


class Loudly(Condition):
    """A condition that no built-in family supports."""


def test_every_run_accepts_no_condition():
    require(UNCONDITIONAL, ())
    require(UNCONDITIONAL, (DIGITS,))


@pytest.mark.parametrize("label", [0, 9])
def test_an_existing_class_is_accepted(label):
    require(ClassCondition(label), (DIGITS,))


@pytest.mark.parametrize("label", [-1, 10])
def test_an_unknown_class_is_refused_with_the_valid_ones(label):
    with pytest.raises(UnusableValue, match=f"There is no class {label}: choose one from 0 to 9"):
        require(ClassCondition(label), (DIGITS,))


def test_a_run_without_classes_refuses_a_class():
    with pytest.raises(UnusableValue, match="cannot be asked for a class"):
        require(ClassCondition(0), ())


def test_a_condition_of_another_kind_is_refused():
    with pytest.raises(UnusableValue, match="cannot be asked for a condition"):
        require(Loudly(), (DIGITS,))


@pytest.mark.parametrize(
    ("text", "label"), [("bee", 0), (" cat ", 1), ("3", 2), ("1", 1), ("0", 0), ("gro\u0308\u00dfer", 3)]
)
def test_a_class_is_meant_by_its_name_or_else_by_its_number(text: str, label: int) -> None:
    assert label_of(text, ("bee", "cat", "3", "gr\u00f6\u00dfer")) == label


@pytest.mark.parametrize("text", ["bees", "4", "-1", "1" * 5000, "x" * 100_000, ""])
def test_an_unknown_class_is_refused_with_the_known_ones(text: str) -> None:
    with pytest.raises(UnusableValue, match="the classes are bee, cat, 3, fly") as refused:
        label_of(text, ("bee", "cat", "3", "fly"))
    assert len(str(refused.value)) < 250

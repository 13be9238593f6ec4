"""Rules run in order, and a rule that fails does not affect the others."""

import sys
import warnings
from functools import partial

import pytest

from pipeline.health.hint import Hint, Suggestion
from pipeline.health.rules import hints
from tests.health.made_up import codes_of


def saying(code, severity="warning"):
    return lambda history: Hint(code, severity, {}, "It is so.", "Change it.")


def test_hints_are_sorted_by_severity_then_by_the_order_of_rules(run):
    rules = [saying("a", "info"), saying("b"), saying("c", "critical"), lambda history: None, saying("d"), saying("e")]
    assert codes_of(run(), rules) == ["c", "b", "d", "e", "a"]


def given_hint(hint, history):
    return hint


def test_a_remedy_that_would_change_what_is_to_blame_once_more_says_that_it_is_undone_first(run):
    rate = Suggestion("painter optimizer", "learning_rate")
    blaming = Hint("spike-after-change", "warning", {"step": 1900}, "It rose.", "Go back.", (rate,))
    others = [Hint(code, "warning", {}, "It is so.", "Raise it.", given) for code, given in (("a", (rate,)), ("b", ()))]
    found = hints(run(), [partial(given_hint, each) for each in (others[0], blaming, others[1])])
    assert [hint.remedy for hint in found] == [
        "Raise it. First undo the change at step 1,900, though.", "Go back.", "Raise it.",
    ]  # fmt: skip
    assert [hint.remedy for hint in hints(run(), [lambda history: others[0]])] == ["Raise it."]


def test_without_rules_there_are_no_hints(run):
    assert hints(run(loss=float("nan")), ()) == ()


class Unspeakable(Exception):
    def __str__(self):
        raise RuntimeError


class NoException(BaseException):
    pass


def leaving(history):
    sys.exit("enough")


def raising(error):
    def own_rule(history):
        raise error

    return own_rule


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (raising(KeyError("loss")), "own_rule could not judge this run, since it raised KeyError: 'loss'."),
        (raising(ValueError("first line.\nsecond line")), "since it raised ValueError: first line."),
        (raising(ZeroDivisionError()), "since it raised ZeroDivisionError."),
        (raising(Unspeakable()), "since it raised Unspeakable."),
        (raising(NoException("odd")), "since it raised NoException: odd."),
        (leaving, "The rule leaving could not judge this run, since it raised SystemExit: enough."),
        (lambda: None, "since it raised TypeError: "),
        (partial(leaving), "The rule leaving"),
        ("no rule at all", "The rule str could not judge this run, since it raised TypeError: 'str' object"),
        (lambda history: "all is lost", "since it returned something that is not a hint."),
        (saying("a", "deadly"), "since it returned something that is not a hint."),
        (lambda history: Hint("a", "info", {}, "A.", "B.", ("learning_rate",)), "that is not a hint."),
        (lambda history: Hint("a", "info", {}, "A.", "B.", None), "since it raised TypeError: "),
        (lambda history: Hint("a", "info", {}, 3, "B."), "that is not a hint."),
    ],
)
def test_a_rule_that_fails_is_named_and_the_others_run(run, rule, why):
    after, before, failed = hints(run(), [saying("before"), rule, saying("after", "critical")])
    assert (after.code, before.code) == ("after", "before")
    assert (failed.code, failed.severity, failed.suggestions) == ("rule-failed", "info", ())
    assert why in failed.text
    assert failed.text.endswith(".") and not failed.text.endswith("..") and "\n" not in failed.text


def test_keyboard_interrupt_is_not_a_failure_of_a_rule(run):
    with pytest.raises(KeyboardInterrupt):
        hints(run(), [raising(KeyboardInterrupt())])


def test_overflow_in_a_rule_raises_no_warning(run):
    def squaring(history):
        assert (history.series["loss"] * 1e300 * 1e300).sum() == float("inf")
        return Hint("seen", "info", {}, "It is so.", "Change it.", (Suggestion("painter", "slope"),))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert codes_of(run(), [squaring]) == ["seen"]

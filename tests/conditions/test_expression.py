"""Parsing: valid expressions and their properties, and the messages for invalid ones."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.conditions.expression import Expression, parse
from pipeline.errors.base import Refusal
from pipeline.errors.conditions import MalformedExpression, UnknownMetric

NAMES = ["D_loss", "G_loss", "D_real", "D_fake", "D_grad_norm", "G_grad_norm", "diversity"]


def refusal(text):
    with pytest.raises(Refusal) as caught:
        parse(text, NAMES)
    return caught.value


def test_an_expression_lists_its_metrics_and_memory():
    expression = parse("  D_real > 0.95 and mean(G_grad_norm, 100) < 1e-3 or D_real > step ", NAMES)
    assert expression.text == "D_real > 0.95 and mean(G_grad_norm, 100) < 1e-3 or D_real > step"
    assert expression.metrics == ("D_real", "G_grad_norm")
    assert (expression.memory, expression.is_condition) == (99, True)


@pytest.mark.parametrize(
    ("text", "memory"),
    [
        ("D_loss", 0),
        ("mean(D_loss, 1)", 0),
        ("mean(D_loss, 10)", 9),
        ("mean(mean(D_loss, 10) - D_loss, 5)", 13),
        ("max(mean(D_loss, 3), mean(D_loss, 10000), 2)", 9999),
        ("mean(mean(D_loss, 5000), 5002)", 10_000),
    ],
)
def test_the_memory_of_means_within_means_adds_up(text, memory):
    assert parse(text, NAMES).memory == memory


@pytest.mark.parametrize(
    ("text", "is_condition"),
    [
        ("D_loss", False),
        ("-(D_loss + 1) * 2 / G_loss", False),
        ("mean(abs(D_loss), 1e3)", False),
        ("+D_loss > -.5", True),
        ("0.4 < D_real <= 0.6 != D_fake", True),
        ("isnan(D_loss)", True),
        ("not not (D_loss > 1)", True),
        ("0.4 ≤ D_real × 2 ÷ 3 − 1 ≠ 7", True),
    ],
)
def test_conditions_and_numbers_are_distinguished(text, is_condition):
    assert parse(text, NAMES).is_condition is is_condition


def test_an_expression_is_put_on_one_line():
    expression = parse("D_loss\n>\u00a0mean(D_fake,\t3)\r\n", NAMES)
    assert expression.text == "D_loss > mean(D_fake, 3)"


def test_expressions_are_immutable_and_equal_if_their_texts_are():
    expression = parse("D_loss > 1", NAMES)
    with pytest.raises(AttributeError):
        expression.text = "D_loss > 2"  # type: ignore[misc]
    assert expression == parse(" D_loss > 1", NAMES)
    assert isinstance(expression, Expression)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The expression '' is empty. Write something like x > 2."),
        (" \n", "The expression '' is empty. Write something like x > 2."),
        (
            "D_real > ",
            "The expression 'D_real >' goes wrong at its end: nothing follows '>'. "
            "Write a metric, a number or a call such as mean(x, 100) after it.",
        ),
        (
            "D_real = 0.5",
            "The expression 'D_real = 0.5' goes wrong at character 8, '= 0.5': "
            "this has no meaning here. Write == to compare.",
        ),
        (
            "D_reel > 0.5",
            "There is no metric 'D_reel' (at character 1), did you mean 'D_real'? An expression may use "
            "D_loss, G_loss, D_real, D_fake, D_grad_norm, G_grad_norm, diversity, step.",
        ),
        (
            "2 < mean(D_loss, 0)",
            "The expression '2 < mean(D_loss, 0)' goes wrong at character 5, 'mean(D_loss, 0)': "
            "the number of steps of a mean must be a whole number from 1 to 10,000, not 0. Write it like mean(x, 100).",
        ),
        (
            "D_real and D_fake > 1",
            "The expression 'D_real and D_fake > 1' goes wrong at character 1, 'D_real and D_fake > 1': "
            "D_real is a number, but 'and' takes conditions. Compare it with something: D_real > 2.",
        ),
    ],
)
def test_an_error_says_what_is_wrong_where_and_what_to_write(text, sentence):
    assert str(refusal(text)) == sentence


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("D_real && x", 7, "Write and as a word"),
        ("D_loss > 1 || D_real > 1", 11, "Write or as a word"),
        ("!(D_loss > 1)", 0, "Write not as a word"),
        ("D_loss => 1", 7, "Write >="),
        ("D_loss <> 1", 7, "Write !="),
        ("D_loss ** 2", 7, "x * x"),
        ("D_real > 95%", 11, "between 0 and 1"),
        ("D_real.__class__", 6, "point"),
        ('"text"', 0, "quotation marks"),
        ("D_loss[0]", 6, "round brackets"),
        ("D_loss > 1; import os", 10, "no meaning here. Delete it"),
        ("D_loss > 1 AND D_real > 1", 11, "Write and in lower case"),
        ("NOT D_loss > 1", 0, "Write not in lower case"),
        ("True", 0, "already true or false"),
        ("D_loss == nan", 10, "Write isnan(x)"),
        ("D_real > 0.5 or", 15, "nothing follows 'or'"),
        ("> 0.5", 0, "missing before '>'"),
        ("D_real > 0.5 and < 0.9", 17, "missing before '<'"),
        ("()", 1, "missing before ')'"),
        ("D_real 0.5", 7, "operator is missing after D_real, before 0.5"),
        ("mean(D_loss 100)", 12, "missing after D_loss, before 100"),
        ("2(D_loss)", 1, "missing after 2, before ("),
        ("(D_loss > 1", 11, "bracket at character 1 is not closed"),
        ("mean(D_loss, 100", 16, "bracket at character 5 is not closed"),
        ("D_loss > 1)", 10, "no opening one"),
        ("D_loss > 1,000", 10, "comma"),
        ("D_loss > 1_000", 9, "not a number"),
        ("3x > 2", 0, "not a number"),
        ("1.2.3", 0, "not a number"),
        ("D_loss > 1e", 9, "not a number"),
        ("D_loss > 1e999", 9, "too large"),
        ("mean(D_loss)", 0, "mean takes a number and a count of steps. Write it like mean(x, 100)"),
        ("mean(D_loss, step)", 0, "not step"),
        ("mean(D_loss, 2.5)", 0, "not 2.5"),
        ("mean(D_loss, -3)", 0, "not -3"),
        ("mean(D_loss, 10001)", 0, "not 10001"),
        ("mean(mean(D_loss, 6000), 6000)", 0, "looks back 11,998 steps"),
        ("abs()", 0, "abs takes one number"),
        ("isnan(D_loss, 1)", 0, "isnan takes one number"),
        ("min(D_loss)", 0, "min takes two or more numbers"),
        ("mean > 2", 0, "mean needs brackets"),
        ("foo(3)", 0, "there is no function 'foo'. The functions are abs, isnan, max, mean and min."),
        ("meen(D_loss, 3)", 0, "did you mean 'mean'?"),
        ("__import__('os')", 0, "there is no function '__import__'"),
        ("D_real(3)", 0, "D_real is not a function"),
        ("(D_loss > 1) == 2", 0, "is true or false, but '==' takes numbers"),
        ("1 + (D_loss > 1)", 4, "is true or false, but '+' takes numbers"),
        ("-(D_loss > 1)", 1, "is true or false, but '-' takes numbers"),
        ("2 * not D_loss > 1", 4, "not D_loss > 1 is true or false"),
        ("mean(D_loss > 1, 10)", 5, "is true or false, but 'mean' takes numbers"),
        ("isnan(D_loss > 1)", 6, "is true or false, but 'isnan' takes numbers"),
        ("D_real == 0.5 or 0.6", 17, "Compare it with something: x > 0.6"),
        ("not D_real", 4, "D_real is a number, but 'not' takes conditions"),
        ("D_loss / 0 > 1", 9, "nothing can be divided by 0"),
        ("D_loss / -min(0, 3 - 2) > 1", 9, "nothing can be divided by 0"),
        ("D_loss > 1\x00", 10, "invisible character, U+0000. Delete it"),
        ("D_loss\u200b > 1", 6, "invisible character, U+200B. Delete it"),
        ("D_loss > \ud800", 9, "invisible character, U+D800. Delete it"),
    ],
)
def test_a_mistake_is_located_with_a_remedy(text, where, words):
    caught = refusal(text)
    assert isinstance(caught, MalformedExpression)
    assert caught.position == where
    assert words in str(caught)


@pytest.mark.parametrize(
    ("text", "where", "nearest"),
    [
        ("lambda x: x", 0, ""),
        ("1 < D_LOSS", 4, ", did you mean 'D_loss'?"),
        ("steps > 3", 0, ", did you mean 'step'?"),
        ("D_loss² > 3", 0, ", did you mean 'D_loss'?"),
        ("x" * 400, 0, ""),
    ],
)
def test_an_unknown_metric_is_named_with_the_nearest_one_and_all_metrics(text, where, nearest):
    caught = refusal(text)
    assert isinstance(caught, UnknownMetric)
    assert caught.position == where
    assert f"(at character {where + 1}){nearest or '.'} An expression may use D_loss, " in str(caught)


@pytest.mark.parametrize("unit", ["(", "- ", "not ", "abs(", "1+", "D_loss > ", "\x00", "é"])
def test_a_million_characters_are_refused_quickly_and_only_the_start_is_quoted(unit, promise):
    text = unit * (1_000_000 // len(unit))
    began = time.process_time()
    caught = refusal(text)
    promise("a million characters are refused", time.process_time() - began, 0.1)
    assert f"has {len(text.strip()):,} characters. Use 500 at most." in str(caught)
    assert len(str(caught)) < 400


@pytest.mark.parametrize("text", ["(" * 500, "-" * 500, "not " * 125, "abs(" * 125, "1+" * 249 + "1", "1-(" * 166])
def test_deep_nesting_is_refused_without_a_stack_overflow(text):
    assert "more than 60 brackets or operators" in str(refusal(text))


def test_long_chains_are_not_deep():
    text = " or ".join(["D_loss > 9"] * 35)
    assert parse(text, NAMES).is_condition
    assert parse(" < ".join(["D_loss"] * 50), NAMES).is_condition


def test_step_needs_no_metrics():
    assert parse("step > 3", []).metrics == ()
    with pytest.raises(UnknownMetric, match="An expression may use step"):
        parse("D_loss > 1", [])


PIECES = ["D_loss", "D_real", "step", "1", "0.5", "0", *"+-*/()<>=!,.&'", "==", "<=", " and ", " or ", "not ", "≥"]
PIECES += ["mean(", "abs(", "min(", "isnan(", ", 10)", "x", "\x00", "²", "٣", "\n"]


@given(st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_any_text_is_parsed_or_refused_with_a_sentence(text):
    try:
        expression = parse(text, NAMES)
    except (MalformedExpression, UnknownMetric) as refused:
        sentence = str(refused)
        assert sentence.endswith((".", "?"))
        assert sentence.isprintable()
        assert len(sentence) < 500
    else:
        assert expression.text.isprintable()

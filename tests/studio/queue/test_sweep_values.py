"""The values of a parameter in a sweep, as users write them."""

import math
from contextlib import suppress
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors.base import Refusal
from pipeline.errors.queue import MalformedSweep
from pipeline.errors.workflow import UnknownNode, UnknownParameter, UnreadableSetting
from pipeline.studio.queue.sweep_values import Range, Values, read_grid, read_random
from pipeline.studio.workflows import open_template

WORKFLOW = open_template("mlp-gan")
RATE = "generator_optimizer.learning_rate"
OPTIONS = st.sampled_from([RATE, "training.batch_size", "generator.hidden", "nothing.at_all", ""])


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("0.001, 2e-4", ("0.001", "2e-4")), ("0.001", ("0.001",)), ("128,128|256,256", ("128,128", "256,256")),
    ],
)  # fmt: skip
def test_values_are_separated_by_commas_or_by_bars_if_they_contain_commas(text: str, values: tuple[str, ...]):
    assert read_grid(WORKFLOW, f"{RATE}={text}") == Values(RATE, values)


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        (f"{RATE}=1e-4..1e-2:log", Range(RATE, 1e-4, 1e-2, log=True)),
        (f"{RATE}=0.25..0.5", Range(RATE, 0.25, 0.5)),
        ("training.batch_size=8..64", Range("training.batch_size", 8, 64, whole=True)),
        ("training.batch_size=8..64:log", Range("training.batch_size", 8, 64, log=True, whole=True)),
        ("training.batch_size=16,32", Values("training.batch_size", ("16", "32"))),
        ("generator.hidden=a..b", Values("generator.hidden", ("a..b",))),
    ],
)
def test_a_range_is_of_numbers_and_everything_else_is_a_list_to_choose_from(option: str, expected: object):
    assert read_random(WORKFLOW, option) == expected


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        (f"{RATE}=1e-2..1e-4", "the first number is not below the second"),
        (f"{RATE}=0..0.1:log", "a range with :log begins above 0"),
        (f"{RATE}=1e-4..1e-2:lin", "'lin' after the colon is not 'log'"),
        (f"{RATE}=1e-4..", "'' is not a number"),
        (f"{RATE}=nan..1", "'nan' is not a number"),
        (f"{RATE}=0..1e999", "'1e999' is not a number"),
        (f"{RATE}=-5..1", "may be from 0.0000001 to 1"),
        ("training.batch_size=8.5..16", "Batch size is a whole number"),
        ("training.batch_size=1..10000000000", "Batch size may be from 2"),
        (f"{RATE}=0.1,,0.2", "a value is missing"),
        (f"{RATE}=" + "1," * 1001 + "1", "it lists 1,002 values"),
    ],
)
def test_a_range_or_list_that_cannot_be_meant_is_refused_with_what_to_do(option: str, sentence: str):
    with pytest.raises(MalformedSweep, match="cannot be read") as refused:
        read_random(WORKFLOW, option)
    assert sentence in str(refused.value)


def test_an_unknown_place_is_refused_as_by_set():
    for option, kind in (
        ("nothing.at_all=1", UnknownNode), (f"{RATE}s=1", UnknownParameter), ("1,2,3", UnreadableSetting),
    ):  # fmt: skip
        with pytest.raises(kind):
            read_grid(WORKFLOW, option)


@given(OPTIONS, st.text(max_size=40) | st.from_regex(r"[-+0-9.e,|:log]{0,30}", fullmatch=True))
def test_any_text_is_read_or_refused(key: str, text: str):
    for read in (read_grid, read_random):
        with suppress(Refusal):
            read(WORKFLOW, f"{key}={text}")


NUMBERS = st.floats(1e-9, 1e9)


@given(st.tuples(NUMBERS, NUMBERS).filter(lambda pair: pair[0] < pair[1]), st.booleans(), st.integers())
def test_what_is_drawn_lies_in_its_range_and_is_the_same_with_the_same_seed(
    ends: tuple[float, float], log: bool, seed: int
):
    wide = Range("node.parameter", *ends, log=log)
    whole = Range("node.parameter", math.ceil(ends[0]), math.ceil(ends[1]) + 1, log=log, whole=True)
    for axis in (wide, whole):
        first, again = ([axis.draw(Random(seed)) for _ in range(3)] for _ in range(2))
        assert first == again
        assert all(axis.low <= float(each) <= axis.high for each in first)
    assert "." not in whole.draw(Random(seed))


def test_whole_numbers_are_equally_likely_and_with_log_as_likely_as_their_share_of_the_logarithm():
    random, count = Random(0), 20_000
    drawn = [Range("n.p", 1, 4, whole=True).draw(random) for _ in range(count)]
    # Five standard deviations of a share of a quarter.
    assert all(abs(drawn.count(str(n)) / count - 0.25) < 5 * math.sqrt(0.25 * 0.75 / count) for n in range(1, 5))
    drawn = [Range("n.p", 1, 4, log=True, whole=True).draw(random) for _ in range(count)]
    for n in range(1, 5):
        share = math.log((n + 1) / n) / math.log(5)
        assert abs(drawn.count(str(n)) / count - share) < 5 * math.sqrt(share * (1 - share) / count)


def test_the_logarithm_of_a_number_is_uniform_with_log():
    random, count = Random(0), 20_000
    drawn = [float(Range("n.p", 1e-4, 1.0, log=True).draw(random)) for _ in range(count)]
    below = sum(each < 1e-3 for each in drawn) / count
    assert abs(below - 0.25) < 5 * math.sqrt(0.25 * 0.75 / count)

"""Options of samplers: what they accept, and what a family may declare."""

import pytest

from pipeline.errors.machine import UnusableValue
from pipeline.families.sampling_options import SamplingOption, options_fault, require_options

STEPS = SamplingOption("steps", "Steps", "", 20, 1, 100)
PULL = SamplingOption("pull", "Pull", "", 1.0, 0, 10)
WAY = SamplingOption("way", "Way", "", "euler", choices=("euler", "heun", "ddim"))


@pytest.mark.parametrize(
    ("option", "text", "value"),
    [(STEPS, " 7 ", 7), (STEPS, "100", 100), (PULL, "2", 2.0), (PULL, "1e-3", 0.001), (WAY, "heun", "heun")],
)
def test_a_value_is_read_as_the_kind_of_its_default(option: SamplingOption, text: str, value: object) -> None:
    found = option.read(text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("option", "text", "sentence"),
    [
        (STEPS, "0", "Steps cannot be 0: choose a whole number from 1 to 100."),
        (STEPS, "10000", "Steps cannot be 10,000: choose a whole number from 1 to 100."),
        (STEPS, "2.5", "Steps cannot be 2.5: choose"),
        (STEPS, "9" * 4000, "Steps cannot be 9"),
        (PULL, "1e6", "Pull cannot be 1,000,000: choose a number from 0 to 10."),
        (PULL, "nan", "Pull cannot be nan"),
        (PULL, "-inf", "Pull cannot be -inf"),
        (PULL, "much", "Pull cannot be much"),
        (WAY, "huen", "There is no way 'huen', did you mean 'heun'? Choose euler, heun or ddim."),
    ],
)
def test_a_value_out_of_range_is_refused_with_the_range(option: SamplingOption, text: str, sentence: str) -> None:
    with pytest.raises(UnusableValue) as refused:
        option.read(text)
    assert str(refused.value).startswith(sentence) and len(str(refused.value)) < 140


@pytest.mark.parametrize("value", [True, "20", 20.0, None, [20]])
def test_a_value_of_another_kind_is_refused(value: object) -> None:
    assert STEPS.refusal(value)


def test_an_option_that_a_run_does_not_have_is_refused() -> None:
    require_options({}, ())
    require_options({"steps": 5}, (STEPS,))
    with pytest.raises(UnusableValue, match="another pull: the options of its sampler are steps and way"):
        require_options({"pull": 2.0}, (STEPS, WAY))
    with pytest.raises(UnusableValue, match="its sampler has no options"):
        require_options({"steps": 5}, ())


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ((STEPS, PULL, WAY), ""),
        ([STEPS], "not a tuple"),
        ((STEPS, STEPS), "declared twice"),
        ((SamplingOption("count", "Count", "", 1, 1, 2),), "cannot be the name"),
        ((SamplingOption("two words", "Two", "", 1, 1, 2),), "cannot be the name"),
        ((SamplingOption("steps", "Steps", "", 0, 1, 2),), "default"),
    ],
)
def test_faults_of_declared_options_are_found(options: object, fault: str) -> None:
    found = options_fault(options)
    assert fault in found and bool(found) == bool(fault)

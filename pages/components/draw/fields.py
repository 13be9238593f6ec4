"""Fields for how images are drawn: weights, class, and the options of the run's sampler."""

from collections.abc import Sequence

import streamlit as st

from pipeline.families.sampling_options import SamplingOption, Setting
from pipeline.runtime.messages.drawing_commands import Weights

WEIGHTS: dict[Weights, str] = {"ema": "Averaged", "raw": "Raw"}
WIDTH = 150
NO_CLASS = -1
"""Not None, which Streamlit takes for a field without a choice."""


def pick_weights(page: str = "draw") -> Weights:
    """Choose averaged or raw weights. page: beginning of the field's key."""
    picked: Weights = st.segmented_control(
        "Weights",
        WEIGHTS,
        default="ema",
        required=True,
        key=f"{page}_weights",
        format_func=WEIGHTS.__getitem__,
        help="Averaged: the moving average of the weights, usually better. Raw: the weights as trained.",
    )
    return picked


def pick_class(names: tuple[str, ...], page: str = "draw", without: str = "each in turn") -> int | None:
    """The label of the class to draw, None for `without`. names: class names; if empty, draw no field."""
    if not names:
        return None
    picked: int = st.selectbox(
        "Class",
        [NO_CLASS, *range(len(names))],
        format_func=lambda label: without if label == NO_CLASS else names[label],
        key=f"{page}_class",
        width=WIDTH,
    )
    return None if picked == NO_CLASS else picked


def pick_settings(options: Sequence[SamplingOption], run: str, page: str = "draw") -> dict[str, Setting]:
    """A field for each option of a run's sampler, and what was chosen, by option name. Another run, whose defaults may
    differ, has its own fields."""
    return {option.name: _pick(option, f"{page}_{option.name} {run}") for option in options}


def changed(settings: dict[str, Setting], options: Sequence[SamplingOption]) -> dict[str, Setting]:
    """The settings that differ from the run's own, so that the same images are drawn only once."""
    own = {option.name: option.default for option in options}
    return {name: value for name, value in settings.items() if value != own[name]}


def _pick(option: SamplingOption, key: str) -> Setting:
    if option.choices:
        word: str = st.selectbox(
            option.label,
            option.choices,
            option.choices.index(str(option.default)),
            key=key,
            width=WIDTH,
            help=option.meaning,
        )
        return word
    if isinstance(option.default, int):
        whole: int = st.number_input(
            option.label,
            int(option.low),
            int(option.high),
            option.default,
            int(option.click),
            key=key,
            width=WIDTH,
            help=option.meaning,
        )
        return whole
    number: float = st.number_input(
        option.label,
        float(option.low),
        float(option.high),
        float(option.default),
        float(option.click),
        key=key,
        width=WIDTH,
        help=option.meaning,
    )
    return number

"""Fields for how checkpoints are measured, and the buttons that start it."""

from dataclasses import dataclass

import streamlit as st

from pages.components.draw.fields import pick_weights
from pages.components.shell.state import evaluation_engine, user_name
from pipeline.data.sets import FACTS
from pipeline.metrics.registry import METRICS
from pipeline.runtime.messages.drawing_commands import Weights
from pipeline.runtime.messages.evaluation_commands import Evaluate
from pipeline.studio.evaluation import evaluating

OWN = "its own images"
FEATURES = {
    "auto": "chosen by the images",
    "digits": "Digits: handwritten digits",
    "own": "own: a classifier of the run's classes",
    "efficientnet": "EfficientNet-Lite0: photographs",
}


@dataclass(frozen=True)
class How:
    """How checkpoints are measured. metrics: names; () for the default ones."""

    count: int
    seed: int
    weights: Weights
    metrics: tuple[str, ...]
    data: str
    features: str

    def command(self, run: str, steps: tuple[int, ...] = (), *, every_step: bool = False) -> Evaluate:
        """The command that evaluates checkpoints of a run in this way."""
        return Evaluate(
            run=run, steps=steps, every_step=every_step, weights=self.weights, metrics=self.metrics, count=self.count,
            seed=self.seed, data=self.data, features=self.features, who=user_name(),
        )  # fmt: skip


def pick_how(channels: int) -> How:
    """The fields. channels: of the run's images, 1 or 3, which another set must have too."""
    st.markdown("**How it is measured**")
    left, right = st.columns(2)
    count = left.number_input(
        "Images",
        evaluating.LEAST,
        evaluating.MOST,
        evaluating.USUAL,
        500,
        key="evaluate_count",
        help="Generated images. They are compared with as many held-out ones, or with all if there are fewer. More "
        "images lower the floor of most metrics.",
    )
    seed = right.number_input("Seed", 0, 2**31 - 1, 0, key="evaluate_seed")
    weights = pick_weights("evaluate")
    features = st.selectbox(
        "Features",
        list(FEATURES),
        format_func=lambda name: FEATURES.get(name, name),
        key="evaluate_features",
        accept_new_options=True,
        help="The network whose description of images is compared. You may also enter the path of a file on the "
        "server with the weights of the FID's Inception network or of DINOv2.",
    )
    sets = [name for name, facts in FACTS.items() if facts.channels == channels]
    data = st.selectbox(
        "Compare with",
        [OWN, *sets],
        key="evaluate_data",
        accept_new_options=True,
        help="Another set shows how the run generalises. You may also enter the path of images on the server.",
    )
    metrics = st.multiselect(
        "Metrics",
        list(METRICS),
        format_func=lambda name: METRICS[name].title,
        key="evaluate_metrics",
        placeholder="all that fit the run",
    )
    return How(
        int(count), int(seed), weights, tuple(metrics), "" if data in (OWN, None) else data.strip(), features or "auto"
    )


def start_buttons(run: str, step: int, how: How, *, several: bool, busy: bool) -> None:
    """The buttons that start. several: whether the run has several checkpoints. busy: whether it is being evaluated."""
    st.button(
        f"Evaluate step {step:,}",
        type="primary",
        key="evaluate_step",
        icon=":material/query_stats:",
        disabled=busy,
        on_click=evaluation_engine().send,
        args=(how.command(run, (step,)),),
    )
    if several:
        st.button(
            "Evaluate all checkpoints",
            key="evaluate_all",
            disabled=busy,
            help="Draws each metric over the history of the run.",
            on_click=evaluation_engine().send,
            args=(how.command(run, every_step=True),),
        )

"""Fields for how checkpoints are measured, and the buttons that start it."""

from dataclasses import dataclass
from typing import Any

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

    def images_of(self, run: str, step: int) -> dict[str, Any]:
        """Which images of a run's checkpoint are looked at, as the fields of a `LookAtImages`."""
        facts = {"weights": self.weights, "count": self.count, "seed": self.seed}
        return {"run": run, "step": step, "features": self.features, "data": self.data, **facts}


def pick_how(channels: int) -> How:
    """The fields. channels: of the run's images, 1 or 3, which another set must have too."""
    st.markdown("**How it is measured**")
    left, right = st.columns(2)
    left.number_input(
        "Images",
        evaluating.LEAST,
        evaluating.MOST,
        evaluating.USUAL,
        500,
        key="evaluate_count",
        help="Generated images. They are compared with as many held-out ones, or with all if there are fewer. More "
        "images lower the floor of most metrics.",
    )
    right.number_input("Seed", 0, 2**31 - 1, 0, key="evaluate_seed")
    pick_weights("evaluate")
    st.selectbox(
        "Features",
        list(FEATURES),
        format_func=lambda name: FEATURES.get(name, name),
        key="evaluate_features",
        accept_new_options=True,
        help="The network whose description of images is compared. You may also enter the path of a file on the "
        "server with the weights of the FID's Inception network or of DINOv2.",
    )
    sets = [name for name, facts in FACTS.items() if facts.channels == channels]
    st.selectbox(
        "Compare with",
        [OWN, *sets],
        key="evaluate_data",
        accept_new_options=True,
        help="Another set shows how the run generalises. You may also enter the path of images on the server.",
    )
    st.multiselect(
        "Metrics",
        list(METRICS),
        format_func=lambda name: METRICS[name].title,
        key="evaluate_metrics",
        placeholder="all that fit the run",
    )
    return chosen_how()


def chosen_how() -> How:
    """What the fields hold. A callback asks for it when it is called: a field may have been left by the same click."""
    held = st.session_state
    data = held.evaluate_data or OWN
    return How(
        int(held.evaluate_count),
        int(held.evaluate_seed),
        held.evaluate_weights or "ema",
        tuple(held.evaluate_metrics),
        "" if data == OWN else data.strip(),
        held.evaluate_features or "auto",
    )


def start(run: str, steps: tuple[int, ...] = (), *, every_step: bool = False) -> None:
    """For a callback: evaluate checkpoints of a run as the fields say."""
    evaluation_engine().send(chosen_how().command(run, steps, every_step=every_step))


def start_buttons(run: str, step: int, *, several: bool, busy: bool) -> None:
    """The buttons that start. several: whether the run has several checkpoints. busy: whether it is being evaluated."""
    st.button(
        f"Evaluate step {step:,}",
        type="primary",
        key="evaluate_step",
        icon=":material/query_stats:",
        disabled=busy,
        on_click=start,
        args=(run, (step,)),
    )
    if several:
        st.button(
            "Evaluate all checkpoints",
            key="evaluate_all",
            disabled=busy,
            help="Draws each metric over the history of the run.",
            on_click=start,
            args=(run,),
            kwargs={"every_step": True},
        )

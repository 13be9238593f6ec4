"""What one metric means, what it measured besides its value, and its curve over the checkpoints of the run."""

import streamlit as st

from pages.components.evaluate.history_chart import HEIGHT, HISTORY, history_chart
from pages.components.shell.streamlit_gaps import escape
from pages.components.shell.theme import chart_text
from pipeline.metrics.registry import METRICS
from pipeline.runs.evaluations import Evaluation
from pipeline.studio.evaluation.history import over_steps
from pipeline.studio.evaluation.words import DIRECTIONS, value_words


def metric_details(shown: Evaluation, history: list[Evaluation], name: str) -> None:
    """The chosen metric of an evaluation. history: all evaluations of the run in the same way."""
    metric, result = METRICS[name], shown.results[name]
    st.markdown(f"**{metric.title}** · :small[{DIRECTIONS[metric.better]}]")
    curve = over_steps(history, name)
    if result.value is None:
        st.info(escape(result.reason), icon=":material/info:")
    elif len(curve) > 1:
        st.vega_lite_chart(
            spec=history_chart(metric.unit, metric.percent) | {"config": chart_text(), "datasets": {HISTORY: curve}},
            height=HEIGHT,
            width="stretch",
            key=f"history {name}",
            alt=f"{metric.title} at {len(curve)} checkpoints, with the 95% interval and the floor; at step "
            f"{shown.step:,} it is {value_words(metric, result.value)}",
        )
        st.caption("Points: this run, with 95% intervals. Dashed: the floor, real images.")
    else:
        st.caption("*Evaluate all checkpoints* draws it over the history of the run.")
    # Ours, with formulas.
    st.markdown(metric.definition)
    st.markdown(f":small[**Good for:** {escape(metric.good_for)}]")
    st.markdown(f":small[**Bad for:** {escape(metric.bad_for)}]")
    source = f"[{metric.why.source}]({metric.why.url})" if metric.why.url else metric.why.source
    st.markdown(f":small[{escape(metric.why.text)} Source: {source}. Cost: {metric.cost}.]")
    if result.details:
        details = {"": list(result.details), "value": [f"{value:.4g}" for value in result.details.values()]}
        st.dataframe(details, hide_index=True, height=200, alt=f"Further numbers of {metric.title}")

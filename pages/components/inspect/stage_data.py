"""Draw the output of a stage: images with their scores, noise, the terms of a loss, or the weights of a network."""

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from pages.components.inspect.stage_charts import (
    DATA,
    NOISE_HEIGHT,
    SCORES_HEIGHT,
    latent_chart,
    number_chart,
    number_title,
    score_chart,
    tensor_chart,
    tensor_height,
)
from pages.components.shell.browser import layout
from pages.components.shell.streamlit_gaps import escape
from pages.components.shell.theme import chart_text
from pipeline.formatting import listed
from pipeline.runtime.messages.snapshot import Snapshot, StageSnapshot
from pipeline.studio.stages import stage_data as data
from pipeline.studio.stages import stage_text
from pipeline.studio.stages.stage_data import Tiles
from pipeline.studio.stages.stage_facts import RunStages

ROW_HEIGHT = 28
RULE = (
    "Update norm divided by weight norm. Andrej Karpathy's rule of thumb (cs231n, *Ratio of weights:updates*) is about "
    "0.001: much more is unstable, much less learns slowly."
)
COLUMNS = {
    "Weights": st.column_config.TextColumn(width=178),
    "Shape": st.column_config.TextColumn(width=86),
    "Gradient norm": st.column_config.NumberColumn(format="%.4g", help="L2 norm.", width=104),
    "Weight norm": st.column_config.NumberColumn(format="%.4g", help="L2 norm, before the update.", width=104),
    "Update norm": st.column_config.NumberColumn(format="%.4g", help="L2 norm of the change.", width=104),
    "Ratio": st.column_config.NumberColumn(format="%.4g", help=RULE, width=80),
}


def stage_data(stage: StageSnapshot, run: RunStages, snapshot: Snapshot) -> None:
    """The stage's data; nothing if it has none."""
    if snapshot.stage_images:
        _images(stage, data.tiles(snapshot.stage_images, stage), run)
    if stage.scores:
        _scores(stage, run)
    if stage.numbers:
        _numbers(stage)
    if stage.latents:
        _latents(stage, run)
    if stage.formula:
        _formula(stage.formula)
        st.caption(stage_text.letters(stage, run))
    if stage.formula or not (snapshot.stage_images or stage.latents or stage.parameters):
        _values(data.loss_table(stage, run.words.terms, snapshot.live))
    if len(stage.numbers) > 1:
        _number_table(stage)
    if stage.parameters:
        _weights(stage, run)


def _images(stage: StageSnapshot, rows: Sequence[Tiles], run: RunStages) -> None:
    kind = "" if stage.rows else f"{stage_text.images(stage, run)} "
    for tiles in rows:
        with st.container(width=tiles.columns * tiles.width, gap="xsmall"):
            if tiles.title:
                st.markdown(f":small[{escape(tiles.title[:1].upper() + tiles.title[1:])}]")
            st.image(
                list(tiles.pngs),
                caption=[escape(each) for each in tiles.captions] or None,
                width=tiles.width,
                output_format="PNG",
                alt=_alts(f"{tiles.title} of image" if tiles.title else f"{kind}image", tiles, scored=not stage.rows),
            )
    count = len(rows[0].pngs)
    scored = ", each with its score" if stage.scores else ""
    st.caption(f"The first {count} of {max(count, run.facts.batch):,} {escape(kind)}images of this batch{scored}")


def _alts(what: str, tiles: Tiles, *, scored: bool) -> list[str]:
    under = [f", scored {each}" if scored else f", {each}" for each in tiles.captions] or [""] * len(tiles.pngs)
    return [f"{what} {place}".capitalize() + text for place, text in enumerate(under, start=1)]


def _numbers(stage: StageSnapshot) -> None:
    """The distribution of the only number that each image has, or the second one by the first."""
    names = tuple(stage.numbers)[:2]
    title = number_title(names)
    st.vega_lite_chart(
        spec=number_chart(names) | {"config": chart_text(), "datasets": {DATA: data.number_chart_table(stage)}},
        height=SCORES_HEIGHT,
        width="stretch",
        key=f"numbers {title}",
        alt=title,
    )


def _number_table(stage: StageSnapshot) -> None:
    st.dataframe(
        data.number_table(stage),
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=10 * ROW_HEIGHT,
        key="image_numbers",
        alt="The numbers of each image of the batch",
        column_config={
            name: st.column_config.NumberColumn(name.capitalize() if name.islower() else name, format="%.4g")
            for name in stage.numbers
        },
    )


def _scores(stage: StageSnapshot, run: RunStages) -> None:
    kind, probability = stage_text.images(stage, run), run.facts.scores == "probability"
    st.vega_lite_chart(
        spec=score_chart(kind, probability)
        | {"config": chart_text(), "datasets": {DATA: data.score_table(stage, probability)}},
        height=SCORES_HEIGHT,
        width="stretch",
        key=f"scores {kind}",
        alt=f"Histogram of the scores of {len(stage.scores)} {kind} images",
    )


def _latents(stage: StageSnapshot, run: RunStages) -> None:
    what = stage_text.vectors(stage, run)
    table = data.latent_table(stage)
    dimensions = table["dimension"].to_pylist()[-1] if table.num_rows else 0
    st.vega_lite_chart(
        spec=latent_chart(what, dimensions) | {"config": chart_text(), "datasets": {DATA: table}},
        height=NOISE_HEIGHT,
        width="stretch",
        key="noise",
        alt=f"{what}: heat map of {len(stage.latents)} vectors of {dimensions} dimensions",
    )
    dim = len(stage.latents[0])
    part = f" and the first {dimensions} of {dim:,} dimensions" if dimensions < dim else ""
    st.caption(f"The first {len(stage.latents)} vectors{part}; colours end at −3 and 3.")


def _formula(formula: str) -> None:
    """The formula on a line of its own. In a narrow window it would be cut, so there it breaks as text does."""
    if layout() == "narrow":
        st.markdown(f"${formula}$")
    else:
        st.latex(formula)


def _values(table: dict[str, list[str]]) -> None:
    if table["Term"]:
        st.dataframe(
            table,
            hide_index=True,
            row_height=ROW_HEIGHT,
            key="stage_values",
            alt="The terms of this stage and their values",
            column_config={"Value": st.column_config.TextColumn(alignment="right", width="small")},
        )


def _weights(stage: StageSnapshot, run: RunStages) -> None:
    """The gradient or the update of each weight tensor, as a chart and as a table."""
    moved = stage.name == "update"
    table = data.update_table(stage) if moved else data.gradient_table(stage)
    names = tuple(table["Weights"].to_pylist())
    what: Literal["gradient", "ratio"] = "ratio" if moved else "gradient"
    named = listed(stage.roles)
    # An update of two networks at once has no single colour.
    role = run.family.role(named) if run.family else None
    st.vega_lite_chart(
        spec=tensor_chart(what, role.colour if role else "grey", names)
        | {"config": chart_text(), "datasets": {DATA: data.tensor_table(table, "Ratio" if moved else "Gradient norm")}},
        height=tensor_height(len(names)),
        width="stretch",
        key=f"tensors {what} {named}",
        alt=f"{'Update norm / weight norm' if moved else 'Gradient norm'} of each of {len(names)} weight tensors",
    )
    st.dataframe(
        table,
        hide_index=True,
        row_height=ROW_HEIGHT,
        height="content",
        key=f"weights {what}",
        alt=f"{'Update' if moved else 'Gradient'} of each of {len(names)} weight tensors",
        column_config=COLUMNS,
    )

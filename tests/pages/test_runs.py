"""The Runs page: find runs, compare them, and share what is shown as an address."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates

from pages.components.shell import state
from pipeline.formatting import size
from pipeline.graph import document, edit
from pipeline.nodes.catalogue import NODES
from pipeline.runs import edits, metrics
from pipeline.runs.deletion import delete_runs
from pipeline.runs.store import RunRecord
from pipeline.studio import workflows
from tests.pages.conftest import Browser

RUNS = "pages/6_Runs.py"
Made = dict[str, RunRecord]


@pytest.fixture(scope="module")
def runs(shared_home: Path) -> Iterator[Made]:
    """Four stored runs, the oldest first: two of one template, a fork of the first, and one of another template."""
    store = state.store()
    made: Made = {}

    def make(key: str, template: str, losses: list[float], note: str = "", **facts: object) -> None:
        settings = ["generator.base_channels=128"] if key == "second" else []
        text = document.write(edit.apply_settings(workflows.open_template(template), settings, NODES))
        usual = {"name": template, "device": "cpu", "seed": 1, "total_steps": 9, "batch_size": 64, "train_images": 640,
                 "who": "Ada", "template": template}  # fmt: skip
        run = store.create(workflow_text=text, **{**usual, **facts})  # type: ignore[arg-type]
        first, name = (run.parent_step or 0) + 1, "reconstruction" if template == "vae" else "G_loss"
        seconds = np.arange(1, len(losses) + 1)
        metrics.append(store, run.id, first, [name, "seconds"], np.stack([losses, seconds], axis=1))
        store.update(run.id, step=first + len(losses) - 1, state="finished", note=note)
        made[key] = store.run(run.id)

    make("first", "dcgan", [3, 2, 1])
    make("second", "dcgan", [5, 4], name="wide", who="Bo", note="twice the width")
    make("fork", "dcgan", [7, 6], parent=made["first"].id, parent_step=2, changed="Learning rate 0.0002 → 0.001")
    make("other", "vae", [9, 8])
    yield made


@pytest.fixture
def page(runs: Made, browser: Browser) -> Browser:
    return browser.open(RUNS)


def listed(page: Browser, runs: Made) -> list[str]:
    """Which runs the table lists, in its order."""
    names = {run.id: key for key, run in runs.items()}
    return [names[run] for run in page.table("Run")["Run"]]


def test_runs_are_listed_the_newest_first_with_what_they_were_forked_from(page, runs):
    assert listed(page, runs) == ["other", "fork", "second", "first"]
    fork = page.table("Run").set_index("Run").loc[runs["fork"].id]
    assert fork["Forked from"] == "dcgan, step 2: Learning rate 0.0002 → 0.001"
    assert (fork["State"], fork["Template"], fork["Step"], fork["Planned steps"], fork["By"]) == (
        "finished",
        "dcgan",
        4,
        9,
        "Ada",
    )
    assert fork["Processes"] == 1
    assert "1 to 4 of 4 runs" in page.words


def test_words_find_runs_by_name_note_and_user_and_stay_in_the_address(page, runs):
    page.app.text_input(key="runs_find").set_value("twice bo")
    page.look()
    assert listed(page, runs) == ["second"] and page.app.query_params["find"] == "twice bo"
    page.click("runs_all")
    assert len(listed(page, runs)) == 4 and "find" not in page.app.query_params


def test_filters_and_an_order_by_a_metric_are_combined(page, runs):
    page.app.multiselect(key="runs_templates").set_value(["dcgan"])
    page.look().app.selectbox(key="runs_order").set_value("G_loss:low")
    page.look().click("runs_direction")
    assert listed(page, runs) == ["first", "second", "fork"]
    assert page.table("Run")["Loss: G_loss (lowest)"].tolist() == [1, 4, 6]


def test_an_address_may_order_by_any_column_and_the_field_says_by_which(browser, runs):
    page = browser.open(RUNS, sort="-batch_size", columns="G_loss,G_loss:last")
    assert page.app.selectbox(key="runs_order").value == "batch_size" and len(listed(page, runs)) == 4
    assert page.app.multiselect(key="runs_columns").value == ["G_loss:last"], "named twice, shown once"
    page.click("runs_direction")
    assert page.app.query_params["sort"] == "batch_size"


def test_nothing_found_says_so(page):
    page.app.text_input(key="runs_find").set_value("no such run")
    assert "No run fits these words and filters." in page.look().words
    assert page.click("runs_all_here").table("Run") is not None


def ticked(page: Browser) -> tuple[str, list[int]]:
    """The id of the table of runs, with which the browser keeps its ticks, and the rows that a new one has ticked."""
    frame = next(each.proto for each in page.app.dataframe if "Run" in each.value.columns)
    return frame.id, json.loads(frame.selection_default)["selection"]["rows"]


def test_ticks_belong_to_runs_and_not_to_rows(page, runs):
    first, rows = ticked(page.open(RUNS, runs=runs["fork"].id))
    assert rows == [1] and ticked(page.look()) == (first, [1])
    cleared, rows = ticked(page.click("clear_chosen"))
    assert rows == [] and cleared != first
    chosen, rows = ticked(page.open(RUNS, runs=runs["second"].id))
    assert rows == [2]
    edits.archive(state.store(), [runs["other"].id])
    moved, rows = ticked(page.look())
    assert rows == [1] and moved != chosen, "of another list of runs, the ticks are new"
    edits.restore(state.store(), [runs["other"].id])


def test_an_archived_run_leaves_the_list_until_that_is_undone(page, runs):
    page.open(RUNS, runs=runs["fork"].id).click("archive_chosen")
    assert "fork" not in listed(page, runs) and "1 run archived" in page.words
    assert "fork" in listed(page.click("undo_done"), runs) and "1 run archived" not in page.words


def test_an_undone_archive_leaves_runs_archived_that_were_so_before(page, runs):
    before, now = runs["second"].id, runs["fork"].id
    edits.archive(state.store(), [before])
    page.open(RUNS, runs=f"{before},{now}").click("archive_chosen")
    assert "1 run archived" in page.words
    page.click("undo_done")
    assert [run.archived for run in state.store().named([before, now])].count(True) == 1
    assert state.store().run(before).archived
    edits.restore(state.store(), [before])


def test_fields_show_the_name_that_another_user_has_given_meanwhile(page, runs):
    run = runs["second"].id
    page.open(RUNS, runs=run)
    edits.rename(state.store(), run, "wider")
    (name,) = (field for field in page.look().app.text_input if field.label == "Name")
    assert name.value == "wider"
    edits.rename(state.store(), run, "wide")


def test_a_run_is_opened_by_its_button_and_not_by_its_tick(page, runs):
    frame = next(each.proto for each in page.app.dataframe if "Run" in each.value.columns)
    assert list(frame.button_click_widgets) == ["Open"]
    # AppTest cannot press a button in a table; this is what a browser sends.
    pressed = WidgetState(id=frame.button_click_widgets["Open"])
    pressed.string_trigger_value.data = json.dumps({"row": 1, "label": "Open"})
    page.app._run(WidgetStates(widgets=[pressed]))
    assert (page.title, page.app.query_params["run"]) == ("dcgan", runs["fork"].id)


def test_a_note_that_another_browser_saves_meanwhile_is_not_overwritten(runs, browser):
    run = runs["other"]
    browser.open(RUNS, runs=run.id)
    edits.set_note(state.store(), [run.id], "from elsewhere")
    browser.app.text_input(key=next(each.key for each in browser.app.text_input if each.label == "Name")).set_value("v")
    next(each for each in browser.app.button if each.label == "Save").click()
    browser.look()
    found = state.store().run(run.id)
    edits.rename(state.store(), run.id, run.name)
    assert (found.name, found.note) == ("v", "from elsewhere")


@pytest.fixture
def compared(runs: Made, browser: Browser) -> Callable[..., Browser]:
    def compare(*keys: str, **address: str) -> Browser:
        return browser.open(RUNS, view="compare", runs=",".join(runs[key].id for key in keys), **address)

    return compare


def lines(page: Browser) -> dict[str, list[float]]:
    """The values of each line of the first chart."""
    return {str(name): rows["value"].tolist() for name, rows in page.charts[0].points.groupby("metric", sort=False)}


def test_chosen_runs_are_lines_of_one_chart(compared, runs):
    page = compared("first", "second", metrics="G_loss", smoothing="0")
    assert lines(page) == {"dcgan": [3, 2, 1], "wide": [5, 4]}
    assert [chart.title for chart in page.charts] == ["Loss: G_loss"]
    page = page.open(RUNS, view="compare", runs=f"{runs['first'].id},20200101-000000-00000000")
    assert "1 chosen run is not here" in page.words


def test_without_a_choice_only_metrics_of_training_are_compared(compared):
    titles = [chart.title for chart in compared("first", "second").charts]
    assert titles == ["Loss: G_loss"], "seconds are recorded too"


def test_runs_of_one_name_are_told_apart_and_a_fork_begins_at_its_step(compared, runs):
    page = compared("first", "fork", metrics="G_loss", smoothing="0")
    assert list(lines(page)) == [f"dcgan ({runs[key].id[-4:]})" for key in ("first", "fork")]
    assert page.charts[0].points["x"].tolist() == [1, 2, 3, 3, 4]


def test_an_address_shows_another_browser_the_same(compared, another_browser):
    page = compared("first", "second", metrics="G_loss")
    page.app.selectbox(key="compare_over").set_value("images")
    page.look().app.slider(key="compare_smoothing").set_value(0.3)
    page.look()
    address = dict(page.app.query_params)
    other = another_browser.open(RUNS, **address)
    assert other.charts[0].points.equals(page.charts[0].points)
    assert (address["over"], other.app.slider(key="compare_smoothing").value) == ("images", 0.3)


def test_a_run_without_the_metric_is_named(compared):
    page = compared("first", "other", metrics="G_loss")
    assert "Not recorded by vae." in page.words
    assert compared("other", metrics="G_loss").words.count("None of these runs has recorded it.") == 1


def test_what_differs_between_workflows_stands_beside_the_results(compared):
    page = compared("first", "second", columns="G_loss:low")
    assert page.table("Setting").to_numpy().tolist() == [["Generator", "Base channels", "64", "128"]]
    assert page.table("Generator · Base channels").to_numpy().tolist() == [["dcgan", 64, 1], ["wide", 128, 4]]
    same = compared("first", "fork")
    assert "Their workflows are the same." in same.words


def test_runs_that_are_gone_are_left_out_of_a_comparison(browser, runs):
    gone = "20200101-000000-00000000"
    page = browser.open(RUNS, view="compare", runs=f"{gone},{runs['first'].id},nonsense", metrics="G_loss")
    assert list(lines(page)) == ["dcgan"] and not page.errors


def test_without_chosen_runs_the_comparison_says_how_to_choose(page, compared, runs):
    page.app.button_group(key="runs_view").set_value("compare")
    assert "Tick runs in the table" in page.look().words
    assert len(listed(page.click("show_table"), runs)) == 4


def test_newest_samples_stand_beside_each_other(compared, runs, tmp_path):
    Image.new("L", (60, 60), 200).save(tmp_path / "grid.png")
    state.store().files(runs["first"].id).save_grid(3, (tmp_path / "grid.png").read_bytes())
    page = compared("first", "second")
    assert [image.proto.imgs[0].caption.replace("\\", "") for image in page.app.image] == ["dcgan, after 3 steps"]
    assert "wide: no samples yet" in page.words


def test_the_tree_draws_forks_below_their_run(page):
    page.app.button_group(key="runs_view").set_value("tree")
    page.look()
    assert not page.app.exception and page.app.query_params["view"] == "tree"


def made(page: Browser) -> bytes:
    """The file that the download menu offers."""
    content: bytes = page.app.session_state["download_made"].work.answer.result()
    (button,) = page.look().app.get("download_button")
    assert size(len(content)) in button.proto.label
    return content


def test_chosen_runs_are_downloaded_as_a_table_once_asked_for(browser, runs):
    page = browser.open(RUNS, runs=f"{runs['first'].id},{runs['second'].id}")
    page.app.session_state["download_menu"] = True
    assert "About 5 rows with 2 metrics." in page.look().words and not page.app.get("download_button")
    header, *rows = made(page.click("make_file")).decode().splitlines()
    assert (header, len(rows)) == ("run,name,step,G_loss,seconds", 5)
    page.app.selectbox(key="download_kind").set_value("long-csv")
    assert "At most 10 rows, of 2 metrics." in page.look().words and not page.app.get("download_button")
    assert made(page.click("make_file")).decode().count("\n") == 11


def test_a_bundle_of_runs_is_imported_again_after_they_were_deleted(browser, runs):
    page = browser.open(RUNS, runs=runs["second"].id)
    page.app.session_state["download_menu"] = True
    page.look().app.selectbox(key="download_kind").set_value("bundle")
    bundle = made(page.look().click("make_file"))
    import_(page, "mine.zip", bundle)
    assert f"mine.zip was not imported, because what it holds is already here: run {runs['second'].id}." in page.errors
    delete_runs(state.store(), [runs["second"].id])
    import_(page, "mine.zip", bundle[:-1])
    assert "mine.zip was not imported" in page.errors and len(listed(page, runs)) == 3
    import_(page, "mine.zip", bundle)
    assert "Imported 1 run: wide." in page.words and len(listed(page, runs)) == 4


def import_(page: Browser, name: str, content: bytes) -> None:
    (field,) = page.app.file_uploader
    field.set_value((name, content, "application/zip"))
    page.look().click("import_runs")
    if "import_work" in page.app.session_state:
        wait([page.app.session_state["import_work"].answer])
        page.look()

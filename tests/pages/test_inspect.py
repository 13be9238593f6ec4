import json
from dataclasses import replace

import pytest

from pages.components.shell import state
from pipeline.graph import document, edit
from pipeline.nodes.catalogue import NODES
from pipeline.studio import workflows
from pipeline.studio.run import debugging, training
from pipeline.studio.stages import stage_text
from pipeline.studio.stages.stage_facts import stages_of

INSPECT = "pages/3_Inspect.py"
DISCRIMINATOR = [
    "draw real images",
    "draw noise",
    "generate",
    "score real",
    "score fake",
    "loss",
    "gradients",
    "update",
]
GENERATOR = ["score fake again", "loss", "gradients", "update"]
AT_WORK = {
    "draw real images": "data",
    "draw noise": "noise",
    "generate": "generator",
    "score real": "discriminator",
    "score fake": "discriminator",
    "score fake again": "discriminator",
    "loss": "objective",
}


@pytest.fixture
def page(run, browser):
    """The Inspect page with a run paused between two steps."""
    return browser.open(INSPECT)


def graph(browser):
    frames = browser.app.get("component_instance")
    return next(frame for frame in frames if "agraph" in frame.proto.component_name)


def boxes(browser):
    """Node id -> its box in the graph."""
    drawn = json.loads(json.loads(graph(browser).proto.json_args)["data"])["nodes"]
    return {box["id"].partition(" ")[2]: box for box in drawn}


def lit(browser):
    """The nodes marked as running."""
    return [node for node, box in boxes(browser).items() if box["borderWidth"] == 4]


def pictures(browser):
    return [image for element in browser.app.image for image in element.proto.imgs]


def charts(browser):
    return [json.loads(chart.proto.spec)["title"]["text"] for chart in browser.app.get("vega_lite_chart")]


def walk_to(browser, count):
    for _ in range(count):
        browser.click("next_stage")
        assert not browser.errors
    return browser


def test_a_walk_covers_a_step_from_its_first_to_its_last_stage(page, trainer, small):
    step = trainer.snapshot.step
    told = stages_of(document.write(small()), 8)
    plan = [("discriminator", name) for name in DISCRIMINATOR] + [("generator", name) for name in GENERATOR]
    assert "Press **Next stage**" in page.words and lit(page) == []
    for number, (update, name) in enumerate(plan, start=1):
        page.click("next_stage")
        node = AT_WORK.get(name, update if name == "gradients" else f"{update}_optimizer")
        done = f"Step {step + 1} is done" if number == 12 else f"Step {step + 1}"
        assert f"{done} · stage {number} of 12 · {update}'s update" in page.words
        assert page.app.subheader[0].value == stage_text.heading(name, told)
        assert "finished its stage" not in page.words
        assert lit(page) == [node] and f"Current node: **{boxes(page)[node]['label'][3:-4]}**" in page.words
        assert page.has("finish_step") == (number < 12)
    assert trainer.snapshot.step == step + 1 and not page.errors
    assert f"the first stage of step {step + 2}" in page.words


def test_a_step_walked_to_its_end_is_recorded_and_the_run_stays_paused(page, trainer):
    step = trainer.snapshot.step
    walk_to(page, 12)
    record = state.store().run(trainer.snapshot.run)
    assert (record.step, record.state, trainer.snapshot.state) == (step + 1, "paused", "paused")


def test_images_are_shown_with_their_scores(page):
    walk_to(page, 1)
    real = pictures(page)
    assert len(real) == 8 and real[0].alt == "Real image 1" and not real[0].caption
    assert "The first 8 of 8 real images" in page.words and "Drew 8 real images" in page.words
    walk_to(page, 3)
    scored = pictures(page)
    assert [image.url for image in scored] == [image.url for image in real]
    scores = [float(image.caption.replace("\\", "")) for image in scored]
    assert all(0 <= score <= 1 for score in scores)
    assert scored[2].alt == f"Real image 3, scored {scores[2]:.3f}"
    assert charts(page) == ["Scores of the real images"] and "probability that an image is real" in page.words


def test_noise_is_shown_as_a_heat_map(page):
    walk_to(page, 2)
    assert charts(page) == ["Noise: a row for each vector"] and not pictures(page)
    assert "Drew 8 vectors of" in page.words


def test_a_loss_is_shown_with_its_formula_and_terms_that_add_up(page):
    walk_to(page, 6)
    assert [element.value for element in page.app.latex] == [
        "$$\n-\\mathbb{E}[\\log \\sigma(D(x))] - \\mathbb{E}[\\log(1 - \\sigma(D(G(z))))]\n$$"
    ]
    page.app.session_state["browser_layout"] = "narrow"
    narrow = page.look().app
    assert not narrow.latex
    assert "$-mathbb{E}[log sigma(D(x))] - mathbb{E}[log(1 - sigma(D(G(z))))]$" in page.words
    page.app.session_state["browser_layout"] = "normal"
    table = page.look().table("Term")
    assert table["Term"].tolist() == ["real images", "generated images", "D_loss"]
    first, second, total = map(float, table["Value"])
    assert first + second == pytest.approx(total, rel=2e-3)


def test_gradients_and_updates_are_shown_for_each_weight_tensor(page):
    walk_to(page, 7)
    gradients = page.table("Gradient norm")
    assert gradients["Weights"].tolist()[0] == "linear_1.weight" and gradients["Shape"].tolist()[0] == "16×64"
    assert charts(page) == ["Gradient of each weight tensor"] and (gradients["Gradient norm"] > 0).all()
    walk_to(page, 1)
    moved = page.table("Ratio")
    assert charts(page) == ["Update of each weight tensor (dashed: a usual ratio)"]
    assert moved["Ratio"].to_numpy() == pytest.approx((moved["Update norm"] / moved["Weight norm"]).to_numpy())
    assert "Adam, at a learning rate of 0.0002, updated" in page.words


def test_a_critics_scores_are_not_probabilities_and_its_penalty_is_weighted(trainer, browser):
    settings = ["data.dataset=digits", "generator.image_size=8", "generator.base_channels=8",
                "discriminator.base_channels=8", "training.batch_size=4", "samples.count=4"]  # fmt: skip
    critic = edit.apply_settings(workflows.open_template("wgan-gp"), settings, NODES)
    training.start(trainer, critic, "Ada", switch=True)
    training.pause(trainer, trainer.snapshot, "Ada")
    walk_to(browser.open(INSPECT), 4)
    assert "unbounded number without a unit" in browser.words and "probability" not in browser.words
    walk_to(browser, 3)
    terms = dict(browser.table("Term").itertuples(index=False))
    assert float(terms["gradient_penalty, weighted"]) == pytest.approx(10 * float(terms["gradient_penalty"]), rel=2e-3)
    assert "With its weight of 10 it adds" in browser.words


def test_finish_step_does_the_remaining_stages(page, trainer):
    step = trainer.snapshot.step
    assert not page.has("finish_step")
    walk_to(page, 3)
    page.click("finish_step")
    assert trainer.snapshot.step == step + 1 and f"Step {step + 1} is done · stage 12 of 12" in page.words
    assert not page.has("finish_step") and page.has("next_stage")


def test_the_graph_keeps_its_iframe_when_the_active_node_changes(page):
    before = graph(page).proto.id
    assert graph(walk_to(page, 2)).proto.id == before


def test_another_browser_sees_the_same_stage_and_cannot_continue_from_an_older_one(page, another_browser):
    another_browser.open(INSPECT)
    walk_to(page, 1)
    another_browser.click("next_stage")
    assert "Next stage was not carried out" in another_browser.errors
    assert "stage 1 of 12" in another_browser.words and lit(another_browser) == ["data"]
    another_browser.click("next_stage")
    assert not another_browser.errors
    assert "stage 2 of 12" in another_browser.words and "stage 2 of 12" in page.look().words


def test_clicks_faster_than_the_page_is_drawn_are_accepted(page, trainer):
    walk_to(page, 1)
    debugging.next_stage(trainer, trainer.snapshot, "Ada")
    snapshot = trainer.snapshot
    # The state left by the previous click, whose page was not drawn before this click.
    page.app.session_state["walked"] = {"to": (snapshot.pid, snapshot.run, snapshot.version)}
    assert "stage 3 of 12" in walk_to(page, 1).words


def test_the_walk_buttons_are_disabled_during_training(page, trainer):
    training.continue_run(trainer, trainer.snapshot, "Ada")
    page.look()
    assert "Pause it to walk through a step" in page.words
    assert not page.has("next_stage") and not page.has("finish_step")
    page.click("pause")
    assert page.has("next_stage")


def test_run_finishes_the_step_and_continues(page, trainer):
    step = trainer.snapshot.step
    walk_to(page, 5)
    page.click("run").click("pause")
    assert trainer.snapshot.step > step and trainer.snapshot.stage is None
    assert "Press **Next stage**" in page.words


def test_a_stored_run_has_to_be_loaded_before_a_walk(run, trainer, small, browser):
    training.start(trainer, small(), "Bob", switch=True)
    browser.open(INSPECT, run=run)
    assert not browser.has("next_stage") and "shown as it was stored" in browser.words
    browser.click("load")
    assert "Bob is training" in browser.words
    browser.click("switch_run")
    assert (trainer.snapshot.run, trainer.snapshot.state) == (run, "paused")
    assert "stage 1 of 12" in walk_to(browser, 1).words


def test_titles_of_nodes_are_shown_literally(trainer, small, browser):
    workflow = small()
    odd = replace(workflow.nodes["data"], title="**x** [a](b) $y$")
    training.start(trainer, replace(workflow, nodes={**workflow.nodes, "data": odd}), "Ada", switch=True)
    training.pause(trainer, trainer.snapshot, "Ada")
    walk_to(browser.open(INSPECT), 1)
    assert f"Current node: **{odd.title}**" in browser.words
    assert odd.title not in "\n".join(browser.markdown)


@pytest.mark.parametrize(
    ("named", "view"),
    [
        ("step", "step"),
        ("layers", "layers"),
        ("film", "film"),
        ("profile", "profile"),
        ("", "step"),
        ("<script>", "step"),
        ("x" * 5000, "step"),
    ],
)
def test_the_address_chooses_the_view(named, view, run, browser):
    browser.open(INSPECT, view=named)
    assert browser.app.button_group(key="inspect_view").value == view
    assert browser.has("next_stage") == (view == "step")


def test_the_chosen_view_is_in_the_address(page, run, another_browser):
    page.app.button_group(key="inspect_view").set_value("film")
    assert not page.look().has("next_stage")
    assert page.app.query_params == {"run": run, "view": "film"}
    page.app.button_group(key="inspect_view").set_value("step")
    assert page.look().has("next_stage")


def test_an_unknown_run_is_an_error_message(run, browser):
    browser.open(INSPECT, run="../../etc/passwd")
    assert "There is no run '../../etc/passwd'" in browser.errors
    assert "choose a run there" in browser.words


@pytest.mark.parametrize("count", [0, 1, 2, 4, 6, 7, 8])
def test_the_warm_page_is_drawn_fast(count, page):
    assert walk_to(page, count).is_drawn_in_no_time()


def rail(browser):
    """The labels of the rail's buttons, by the stage's number."""
    buttons = [button for button in browser.app.button if (button.key or "").startswith("stage_")]
    return {int(button.key.removeprefix("stage_")): button.label.replace("\\", "") for button in buttons}


def test_the_rail_shows_all_stages_and_a_done_one_opens_what_it_made_again(page):
    assert len(rail(page)) == 12 and all(":material/circle:" in label for label in rail(page).values())
    walk_to(page, 1)
    real = pictures(page)
    walk_to(page, 3)
    labels = rail(page)
    assert ":material/check_circle:" in labels[1] and "1 Draw real images" in labels[1]
    assert ":material/arrow_circle_right:" in labels[4] and ":material/circle:" in labels[5]
    page.click("stage_1")
    assert [image.url for image in pictures(page)] == [image.url for image in real] and "Drew 8 real" in page.words
    assert "stage 4 of 12" in page.words
    # The next stage is shown when it is done.
    page.click("next_stage")
    assert "Score generated images" in [element.value for element in page.app.subheader]


def test_a_stage_to_come_says_what_it_is_for_and_is_run_to(page, trainer, wait_for):
    page.click("stage_7")
    assert "To come: stage 7" in page.words and "Source:" in page.words
    page.click("run_to_stage")
    wait_for(lambda: trainer.snapshot.state == "paused" and trainer.snapshot.stage is not None)
    assert "stage 7 of 12" in page.look().words and charts(page) == ["Gradient of each weight tensor"]

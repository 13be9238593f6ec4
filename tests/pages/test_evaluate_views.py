"""The views of images on the Evaluate page: verdicts, memorisation, failures."""

import re

import pytest

from pages.components.shell import state
from pipeline.errors.training import CommandRefused
from pipeline.runs import evaluations
from pipeline.runs.evaluations import Evaluation, Result, Way
from pipeline.studio.evaluation import looking
from pipeline.studio.run import training

EVALUATE = "pages/5_Evaluate.py"
COUNT = 30


@pytest.fixture(scope="module")
def trained(trainer, small, wait_for):
    run = training.start(trainer, small("training.ema_halflife_images=1000"), "Ada", switch=True)
    wait_for(lambda: trainer.snapshot.step > 20)
    training.pause(trainer, trainer.snapshot, "Ada")
    wait_for(lambda: trainer.snapshot.state == "paused")
    return run


@pytest.fixture
def look(trained, browser):
    """Open a view of the first checkpoint with few images."""

    def look(view, **address):
        browser.open(EVALUATE, run=trained, step="0", view="numbers")
        browser.app.number_input(key="evaluate_count").set_value(COUNT)
        return browser.look().open(EVALUATE, **{"run": trained, "step": "0", "view": view, **address})

    return look


def alts(browser):
    return [image.proto.imgs[0].alt for image in browser.app.image]


def captions(browser):
    return [image.proto.imgs[0].caption.replace("\\", "") for image in browser.app.image]


def shares(browser):
    return {each.label: each.value for each in browser.app.metric}


def test_every_verdict_is_said_in_words_and_the_most_wrong_come_first(look):
    browser = look("verdicts")
    assert len(browser.app.image) == 24 and not browser.errors
    pattern = re.compile(r"(Held-out|Generated) image \d+, (rightly|wrongly) taken for (real|generated), [\d.]+% real")
    found = [pattern.fullmatch(alt) for alt in alts(browser)]
    assert all(found)
    for each in found:
        kind, how, verdict = each.groups()
        assert (how == "rightly") == ((kind == "Generated") == (verdict == "generated"))
    hows = [each[2] for each in found]
    assert hows == sorted(hows, reverse=True)
    assert all("✓ right: " in caption or "✗ wrong: " in caption for caption in captions(browser))
    assert len(shares(browser)) == 3


def test_verdicts_can_be_narrowed_sorted_and_paged(look):
    browser = look("verdicts")
    browser.app.button_group(key="verdict_kind").set_value("generated")
    browser.app.selectbox(key="verdict_order").set_value("highest score")
    first = alts(browser.look())
    assert all(alt.startswith("Generated") for alt in first)
    scores = [float(re.search(r"([\d.]+)% real", alt)[1]) for alt in first]
    assert scores == sorted(scores, reverse=True)
    (page,) = [each for each in browser.app.number_input if each.label == "Page of 2"]
    page.set_value(2)
    second = alts(browser.look())
    assert len(second) == COUNT - len(first) and not set(first) & set(second)
    browser.app.number_input(key="evaluate_seed").set_value(3)
    assert len(alts(browser.look())) == 24


def test_samples_stand_beside_training_images_with_their_distances(look):
    browser = look("memorisation")
    assert len(browser.app.image) == 12 and not browser.errors
    distances = [float(re.search(r"at distance ([\d.]+)", alt)[1]) for alt in alts(browser)]
    assert distances == sorted(distances)
    assert all("authentic" in caption and "pixels 0." in caption for caption in captions(browser))
    assert list(shares(browser)) == ["Authentic samples", "Authentic held-out", "Usual distance", "Close"]
    assert "0 is a copy" in browser.words


def test_another_set_is_no_memory_and_has_no_verdicts(look):
    browser = look("memorisation")
    browser.app.selectbox(key="evaluate_data").set_value("digits")
    assert "was not trained on this set" in "\n".join(each.value for each in browser.look().app.info)
    browser.app.button_group(key="evaluate_view").set_value("verdicts")
    assert "knows only the run's own images" in browser.look().words and not browser.app.image


def test_failures_are_listed_by_certainty_and_by_distance(look):
    browser = look("failures")
    certainties = [float(re.search(r"with ([\d.]+)%", alt)[1]) for alt in alts(browser)]
    assert certainties == sorted(certainties) and all(each < 50 for each in certainties)
    browser.app.button_group(key="failures_list").set_value("least typical")
    distances = [float(re.search(r"at distance ([\d.]+)", alt)[1]) for alt in alts(browser.look())]
    assert len(distances) == 24 and distances == sorted(distances, reverse=True)


def test_a_drawing_that_was_stopped_is_drawn_again_when_asked(look, monkeypatch):
    def stopped(*_):
        raise CommandRefused("ReadingStopped", "Stopped while drawing images.", 130)

    with monkeypatch.context() as patch:
        patch.setattr(looking, "look", stopped)
        browser = look("failures")
        browser.app.number_input(key="evaluate_seed").set_value(5)
        assert "Drawing was stopped." in browser.look().words and not browser.app.image
    assert "Drawing was stopped." in browser.look().words
    browser.click("look_again")
    assert browser.app.metric


def test_a_run_without_a_scoring_network_says_what_to_look_at_instead(trainer, trained, look):
    from pipeline.graph import edit
    from pipeline.nodes.catalogue import NODES
    from pipeline.studio import workflows

    small = ("data.dataset=digits", "decoder.image_size=8", "training.batch_size=8", "samples.count=4")
    workflow = edit.apply_settings(workflows.open_template("autoencoder"), small, NODES)
    run = training.start(trainer, workflow, "Ada", switch=True)
    training.pause(trainer, trainer.snapshot, "Ada")
    browser = look("verdicts", run=run)
    assert "no network that tells real images from generated ones" in browser.words and not browser.app.image


def test_kept_copies_are_a_warning_on_the_page(look, trained):
    way = Way("ema", 9, 1000, "digits", "aa", "Digits", "0123456789ab", "bilinear to 28×28")
    result = Result(0.34, floor=0.66, generated=1000, real=1617)
    evaluation = Evaluation(trained, 0, way, 500, 1617, True, {"auth_pct": result})
    path = evaluations.save(state.store().files(trained), evaluation)
    assert "Some samples may be copies" in "\n".join(each.value for each in look("numbers").app.warning)
    path.unlink()
    assert not look("numbers").app.warning


def test_the_warm_view_is_drawn_fast(look):
    assert look("verdicts").is_drawn_in_no_time()

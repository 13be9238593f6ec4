"""The probes of a run as files: saved and loaded, thinned, and ignored if damaged."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors.machine import CannotWrite
from pipeline.runs import probes
from pipeline.runs.files import RunFiles
from pipeline.runs.probe_records import (
    BINS,
    HISTOGRAMS,
    NUMBERS,
    SCORE_BINS,
    SCORE_GROUPS,
    LayerProbe,
    Probe,
    ScoreProbe,
)

RUN = "20261122-140501-3fa9c2d1"
LAYERS = (("generator", "1 Linear"), ("discriminator", "0 Conv2d"), ("discriminator", "1 ReLU"))
FLOATS = st.floats(width=64)


def probe_of(step, layers=LAYERS, scored=True):
    """A probe whose numbers encode their position: the third number of layer 1 at step 20 is 20.13."""
    measured = tuple(
        LayerProbe(
            *layer,
            *(step + place / 10 + number / 100 for number in range(1, len(NUMBERS) + 1)),
            *(np.full(BINS, 1000 * place + kind) + step for kind in range(len(HISTOGRAMS))),
        )
        for place, layer in enumerate(layers)
    )
    scores = ScoreProbe(
        np.linspace(0, 1, SCORE_BINS + 1),
        {group: np.arange(SCORE_BINS) + place for place, group in enumerate(SCORE_GROUPS)},
        dict.fromkeys(SCORE_GROUPS, 0.25),
    )
    return Probe(step, measured, scores if scored else None, seconds=step / 1000)


@pytest.fixture
def files(tmp_path):
    return RunFiles(tmp_path, RUN)


def test_a_run_without_probes_has_an_empty_history(files):
    found = probes.load(files)
    assert found.layers == () and found.scores == () and probes.steps(files) == []
    assert found.steps.shape == found.seconds.shape == (0,)
    assert all(values.shape == (0, 0) for values in found.numbers.values())
    assert all(counts.shape == (0, 0, BINS) for counts in found.histograms.values())


def test_saved_probes_are_loaded_as_arrays_over_time(files):
    for step in (20, 10):
        probes.save(files, probe_of(step))
    found = probes.load(files)
    assert found.steps.tolist() == [10, 20]
    assert found.layers == LAYERS
    assert found.seconds.tolist() == [0.01, 0.02]
    np.testing.assert_allclose(found.numbers["zeros"], [[10.03, 10.13, 10.23], [20.03, 20.13, 20.23]])
    assert found.histograms["weight_histogram"].shape == (2, 3, BINS)
    assert found.histograms["weight_histogram"][1, 2].tolist() == [2021] * BINS
    assert found.scores[0].counts["held-out"].tolist() == list(range(2, 2 + SCORE_BINS))
    assert found.scores[1].means == dict.fromkeys(SCORE_GROUPS, 0.25)


def test_a_run_without_a_discriminator_has_no_scores(files):
    probes.save(files, probe_of(1, LAYERS[:1], scored=False))
    assert probes.load(files).scores == (None,)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.lists(FLOATS, min_size=len(NUMBERS), max_size=len(NUMBERS)))
def test_every_number_is_preserved(files, numbers):
    layer = replace(probe_of(5).layers[0], **dict(zip(NUMBERS, numbers, strict=True)))
    probes.save(files, replace(probe_of(5), layers=(layer,)))
    found = probes.load(files)
    np.testing.assert_array_equal([found.numbers[name][0, 0] for name in NUMBERS], numbers)


def test_a_later_probe_of_the_same_step_replaces_the_first(files):
    probes.save(files, probe_of(7))
    probes.save(files, replace(probe_of(7), seconds=9.0))
    assert probes.load(files).seconds.tolist() == [9.0]
    assert [path.name for path in (files.folder / "probes").iterdir()] == ["step-000000007.npz"]


def test_at_most_three_hundred_are_kept_evenly_spread(files):
    folder = probes.save(files, probe_of(0)).parent
    for step in range(10, 4500, 10):
        (folder / f"step-{step:09d}.npz").touch()
    probes.save(files, probe_of(4500))
    kept = probes.steps(files)
    assert len(kept) == probes.KEPT_PROBES
    assert (kept[0], kept[-1]) == (0, 4500)
    assert {after - before for before, after in pairwise(kept)} <= {10, 20, 30}


def test_probes_after_a_step_can_be_dropped(files):
    for step in (10, 20, 30):
        probes.save(files, probe_of(step))
    probes.drop_after(files, 20)
    assert probes.load(files).steps.tolist() == [10, 20]
    probes.drop_after(files, 0)
    assert probes.steps(files) == []


def test_probes_of_other_layers_than_the_newest_are_left_out(files):
    probes.save(files, probe_of(10, LAYERS[:2]))
    probes.save(files, probe_of(20))
    assert probes.load(files).steps.tolist() == [20]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_file_is_skipped_and_the_others_are_loaded(files, data):
    sound, damaged = probes.save(files, probe_of(10)), probes.save(files, probe_of(20))
    content = bytearray(damaged.read_bytes())
    if data.draw(st.booleans(), "cut"):
        del content[data.draw(st.integers(0, len(content) - 1), "from") :]
    else:
        for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=8), "places"):
            content[place] ^= data.draw(st.integers(1, 255), "bits")
    damaged.write_bytes(content)
    found = probes.load(files)
    assert found.steps.tolist() in ([10], [10, 20])
    np.testing.assert_allclose(found.numbers["zeros"][0], [10.03, 10.13, 10.23])
    assert sound.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"layers": np.frombuffer(b"[[", np.uint8)},
        {"layers": np.frombuffer(b'[["generator"]]', np.uint8)},
        {"layers": np.frombuffer(b"null", np.uint8)},
        {"numbers": np.zeros((3, 2))},
        {"histograms": np.zeros((3, 3, BINS), np.float32)},
        {"step": np.array(11)},
        {"seconds": np.array("soon")},
        {"score_edges": np.zeros(3)},
        {"layers": np.array([{"pickled": "code"}], dtype=object)},
    ],
)
def test_a_file_that_holds_something_else_is_skipped(files, wrong):
    path = probes.save(files, probe_of(10))
    with np.load(path) as archive:
        content = dict(archive) | wrong
    np.savez(path, **content)
    assert probes.load(files).steps.tolist() == []


def test_a_disk_that_cannot_be_written_is_reported(tmp_path):
    (tmp_path / "runs").write_text("in the way")
    with pytest.raises(CannotWrite, match="cannot be written: not a directory"):
        probes.save(RunFiles(tmp_path, RUN), probe_of(1))

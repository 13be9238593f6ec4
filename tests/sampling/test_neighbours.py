"""Nearest training images, compared with a search by hand and with scikit-learn."""

from collections.abc import Callable, Iterator
from math import sqrt
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from pipeline.data import sources
from pipeline.data.images import ImageSet
from pipeline.errors.machine import UnusableValue
from pipeline.errors.runs import UnknownGrid, UnknownRun
from pipeline.errors.training import NodeFailure
from pipeline.errors.workflow import InvalidWorkflow
from pipeline.graph import document
from pipeline.graph.edit import apply_settings
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.runs.store import Store
from pipeline.sampling import neighbours
from pipeline.sampling.grid import grid_png
from pipeline.sampling.neighbours import NeighbourSearch, nearest, usual_distance

TEMPLATE = Path(__file__).parents[2] / "pipeline" / "templates" / "mlp-gan.json"
TINY = ["data.dataset=digits", "generator.image_size=8", "samples.count=6", "training.device=cpu"]
NewRun = Callable[..., str]


def image_set(count: int, shape: tuple[int, int, int] = (1, 4, 4), seed: int = 0) -> ImageSet:
    random = torch.Generator().manual_seed(seed)
    pixels = torch.randint(0, 256, (count, *shape), dtype=torch.uint8, generator=random)
    return ImageSet(pixels, torch.zeros(count, dtype=torch.int64))


def by_hand(images: torch.Tensor, query: torch.Tensor) -> np.ndarray:
    """Root mean square differences of values in [-1, 1], in float64."""
    values, wanted = (pixels.double().numpy() / 127.5 - 1 for pixels in (images.flatten(1), query.flatten()))
    return np.sqrt(((values - wanted) ** 2).mean(axis=1))


@given(count=st.integers(1, 40), k=st.integers(1, 50), channels=st.sampled_from([1, 3]), seed=st.integers(0, 99))
def test_neighbours_equal_those_of_a_search_by_hand(count, k, channels, seed):
    images = image_set(count, (channels, 3, 5), seed)
    query = image_set(1, (channels, 3, 5), seed + 1).pixels[0]
    indices, distances = nearest(images, query, k)
    expected = by_hand(images.pixels, query)
    assert len(indices) == len(distances) == min(k, count)
    np.testing.assert_array_equal(indices, np.argsort(expected, kind="stable")[:k])
    np.testing.assert_allclose(distances, np.sort(expected)[:k], rtol=1e-5)


def test_neighbours_equal_those_of_scikit_learn_on_digits(tmp_path):
    train, held_out = sources.load("digits", 0, "cpu", tmp_path)
    values = train.pixels.flatten(1).double().numpy() / 127.5 - 1
    reference = NearestNeighbors(n_neighbors=8, algorithm="brute").fit(values)
    for query in held_out.pixels[:20]:
        lengths, found = reference.kneighbors(query.flatten()[None].double().numpy() / 127.5 - 1)
        indices, distances = nearest(train, query, 8)
        np.testing.assert_allclose(distances, lengths[0] / 8, rtol=1e-5)  # 64 values per image, and √64 = 8
        np.testing.assert_array_equal(indices, found[0])


def test_the_distance_of_a_copy_is_zero_and_of_black_to_white_two():
    images = ImageSet(torch.tensor([0, 255], dtype=torch.uint8).view(2, 1, 1, 1).expand(2, 1, 6, 6), torch.zeros(2))
    indices, distances = nearest(images, torch.full((1, 6, 6), 255, dtype=torch.uint8), 2)
    assert indices.tolist() == [1, 0]
    assert distances.tolist() == [0, 2]


def test_equally_near_images_are_in_the_order_of_the_set():
    images = image_set(1)
    same = ImageSet(images.pixels.repeat(9, 1, 1, 1), torch.zeros(9))
    assert nearest(same, images.pixels[0], 5)[0].tolist() == [0, 1, 2, 3, 4]


def test_searching_in_parts_gives_the_same(monkeypatch):
    images, query = image_set(25), image_set(1, seed=5).pixels[0]
    whole = nearest(images, query, 25), usual_distance(images, image_set(9, seed=3))
    monkeypatch.setattr(neighbours, "AT_ONCE", 7 * 16)
    parts = nearest(images, query, 25), usual_distance(images, image_set(9, seed=3))
    assert torch.equal(whole[0][0], parts[0][0]) and torch.equal(whole[0][1], parts[0][1])
    assert whole[1] == pytest.approx(parts[1])


def test_the_usual_distance_is_the_median_of_the_nearest_of_each_held_out_image():
    train, held_out = image_set(30), image_set(11, seed=8)
    closest = [by_hand(train.pixels, query).min() for query in held_out.pixels]
    assert usual_distance(train, held_out) == pytest.approx(np.median(closest), rel=1e-4)


def test_without_held_out_images_there_is_no_usual_distance():
    assert usual_distance(image_set(3), image_set(0)) is None


@pytest.fixture
def workflow() -> Workflow:
    return apply_settings(document.read(TEMPLATE.read_bytes(), "mlp-gan"), TINY, NODES)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path) as store:
        yield store


@pytest.fixture
def new_run(store: Store, workflow: Workflow) -> NewRun:
    def make(text: str = "") -> str:
        return store.create(
            name="tiny", workflow_text=text or document.write(workflow), device="cpu", seed=0, total_steps=100,
            batch_size=64, train_images=1617, who="Ada",
        ).id  # fmt: skip

    return make


@pytest.fixture
def run(store: Store, new_run: NewRun) -> str:
    """A run whose grid of step 50 consists of training images 10 to 15, the first of them a little darker."""
    run = new_run()
    drawn = sources.load("digits", 0, "cpu", store.home)[0].pixels[10:16].permute(0, 2, 3, 1).numpy().copy()
    drawn[0] -= np.minimum(drawn[0], 1)
    store.files(run).save_grid(50, grid_png(drawn))
    return run


def test_the_nearest_neighbour_of_a_training_image_is_itself(store, run):
    train = sources.load("digits", 0, "cpu", store.home)[0].pixels
    for sample in (2, 6):
        found = NeighbourSearch(store, run).neighbours(step=50, sample=sample, count=3)
        assert found.distances[0] == 0 < found.distances[1]
        assert found.images.shape == (3, 8, 8, 1)
        np.testing.assert_array_equal(found.images[0, :, :, 0], train[9 + sample, 0])


def test_a_near_copy_is_much_nearer_than_held_out_images(store, run):
    train, held_out = sources.load("digits", 0, "cpu", store.home)
    found = NeighbourSearch(store, run).neighbours(step=50, sample=1, count=1)
    darker = int((train.pixels[10] > 0).sum())
    assert found.distances[0] == pytest.approx(sqrt(darker / 64) / 127.5, rel=1e-3)
    assert found.usual == pytest.approx(usual_distance(train, held_out))
    assert found.distances[0] < 0.1 * found.usual


def test_only_the_data_is_built(store, run, monkeypatch):
    def unavailable(*arguments: object) -> None:
        raise AssertionError("looking for neighbours needs no network")

    monkeypatch.setattr(NODES["MLPGenerator"], "build", unavailable)
    monkeypatch.setattr(NODES["MLPDiscriminator"], "build", unavailable)
    assert len(NeighbourSearch(store, run).neighbours(step=50, sample=1, count=8).images) == 8


@pytest.mark.parametrize(("sample", "count"), [(0, 1), (7, 1), (-3, 1), (1, 0), (1, 65), (1, -1)])
def test_an_invalid_sample_or_count_is_refused(store, run, sample, count):
    with pytest.raises(UnusableValue):
        NeighbourSearch(store, run).neighbours(step=50, sample=sample, count=count)


def test_a_missing_grid_or_sample_is_refused(store, run, new_run, workflow):
    with pytest.raises(UnknownGrid, match="no sample grid at step 51"):
        NeighbourSearch(store, run).neighbours(step=51, sample=1, count=1)
    with pytest.raises(UnknownRun):
        NeighbourSearch(store, "../../etc")
    del workflow.nodes["samples"]
    with pytest.raises(UnusableValue, match="draws no sample grids"):
        NeighbourSearch(store, new_run(document.write(workflow)))


def test_a_run_whose_data_can_no_longer_be_loaded_is_refused_with_the_reason(store, run, new_run, monkeypatch):
    text = store.run(run).workflow_text
    with pytest.raises(InvalidWorkflow, match="OldData"):
        NeighbourSearch(store, new_run(text.replace("ImageData", "OldData")))

    def fails(*arguments: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr(sources, "load", fails)
    with pytest.raises(NodeFailure, match="no network"):
        NeighbourSearch(store, run)

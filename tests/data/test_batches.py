"""The batches of a run: a streamed set gives the same as a resident one, from any position, and cleans up after
itself."""

import gc
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.data import batches
from pipeline.data.batches import Batches
from pipeline.data.images import BatchOrder, ImageSet, Streaming
from pipeline.ranks.ranks import Ranks

CPU = torch.device("cpu")
COUNT, BATCH = 23, 5


def images(streamed: bool, pixels: torch.Tensor | None = None) -> ImageSet:
    if pixels is None:
        values = torch.randint(0, 256, (COUNT, 3, 4, 6), generator=torch.Generator().manual_seed(0))
        pixels = values.to(torch.uint8)
    return ImageSet(pixels, torch.arange(COUNT), Streaming(CPU, budget=10) if streamed else None)


def threads_ahead() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("images ahead")]


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    yield
    gc.collect()
    for thread in threads_ahead():
        thread.join(60)
    assert threads_ahead() == []


@pytest.mark.parametrize("streamed", [False, True])
def test_batches_come_in_the_order_of_the_seed(streamed: bool) -> None:
    run, order = Batches(images(streamed), 7, BATCH), BatchOrder(7, COUNT, BATCH)

    for drawn in range(0, 4 * COUNT, BATCH):
        batch = run.after(drawn)
        assert torch.equal(batch.indices, order.indices(drawn))
        assert torch.equal(batch.images, images(streamed=False).batch(order.indices(drawn)))


@pytest.mark.parametrize("streamed", [False, True])
def test_the_shares_of_all_processes_are_the_batch(streamed: bool) -> None:
    whole = Batches(images(streamed), 7, 6)
    shares = [Batches(images(streamed), 7, 6, Ranks(index, 3)) for index in range(3)]

    # Batches that span epochs too.
    for drawn in range(0, 2 * COUNT, 6):
        batch, parts = whole.after(drawn), [share.after(drawn) for share in shares]
        assert torch.equal(torch.cat([part.indices for part in parts]), batch.indices)
        assert torch.equal(torch.cat([part.images for part in parts]), batch.images)


def test_a_streamed_batch_has_the_type_and_layout_of_a_resident_one() -> None:
    streamed, resident = (Batches(images(streamed), 0, BATCH).after(0).images for streamed in (True, False))

    assert streamed.dtype == resident.dtype == torch.float32
    assert streamed.stride() == resident.stride()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=12))
def test_batches_can_be_requested_from_any_position_in_any_order(positions: list[int]) -> None:
    streamed, resident = Batches(images(streamed=True), 1, BATCH), Batches(images(streamed=False), 1, BATCH)

    for position in positions:
        for drawn in (position * BATCH, (position + 1) * BATCH):
            assert torch.equal(streamed.after(drawn).images, resident.after(drawn).images)


def test_the_next_batches_are_gathered_ahead_of_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    gathered: list[int] = []
    all_there = threading.Event()
    take = np.take

    def noted(pixels: np.ndarray, *args: object, **options: object) -> None:
        take(pixels, *args, **options)  # type: ignore[call-overload]
        gathered.append(threading.get_ident())
        if len(gathered) == 1 + batches.AHEAD:
            all_there.set()

    monkeypatch.setattr("pipeline.data.batches.np.take", noted)
    run = Batches(images(streamed=True), 0, BATCH)
    run.after(0)

    assert all_there.wait(60)
    assert threading.get_ident() not in gathered


def test_a_resident_set_needs_no_thread() -> None:
    run = Batches(images(streamed=False), 0, BATCH)
    run.after(0)

    assert threads_ahead() == []


def test_the_thread_ends_when_the_batches_are_garbage_collected() -> None:
    run = Batches(images(streamed=True), 0, BATCH)
    run.after(0)
    (thread,) = threads_ahead()
    del run
    gc.collect()
    thread.join(60)

    assert not thread.is_alive()


def test_a_failure_in_the_thread_is_raised_on_request_and_the_request_can_be_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = Batches(images(streamed=True), 0, BATCH)

    def fails(*args: object, **options: object) -> None:
        raise OSError("the disk is gone")

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.data.batches.np.take", fails)
        with pytest.raises(OSError, match="the disk is gone"):
            run.after(0)
    assert torch.equal(run.after(0).images, Batches(images(streamed=False), 0, BATCH).after(0).images)


def test_pixels_may_be_in_a_mapped_file(tmp_path: Path) -> None:
    pixels = images(streamed=False).pixels
    pixels.numpy().tofile(tmp_path / "pixels")
    # Copy on write: torch wants writable memory, and the file stays unchanged.
    mapped = np.memmap(tmp_path / "pixels", np.uint8, "c", shape=tuple(pixels.shape))
    run, resident = Batches(images(True, torch.from_numpy(mapped)), 0, BATCH), Batches(images(False), 0, BATCH)

    for drawn in range(0, 2 * COUNT, BATCH):
        assert torch.equal(run.after(drawn).images, resident.after(drawn).images)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_batches_streamed_to_a_gpu_are_those_of_the_cpu() -> None:
    device = torch.device("cuda", 0)
    streamed = ImageSet(images(streamed=False).pixels, torch.arange(COUNT, device=device), Streaming(device, 10))
    run, resident = Batches(streamed, 0, BATCH), Batches(images(streamed=False), 0, BATCH)

    for drawn in range(0, 20 * COUNT, BATCH):
        ours, expected = run.after(drawn), resident.after(drawn)
        assert ours.images.device == ours.indices.device == device
        assert torch.equal(ours.images.cpu(), expected.images)

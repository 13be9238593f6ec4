"""Sources of the named sets: files that are already there, and a loopback server that works or fails."""

import gc
import gzip
import hashlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from torchvision import datasets

from pipeline.data import download, sources
from pipeline.data.named import needs_download
from pipeline.data.progress import no_progress
from pipeline.data.sets import FACTS
from pipeline.errors.data import ReadingStopped
from pipeline.errors.training import DataUnavailable
from tests.data.files.test_cifar import archive, batches

Answer = Callable[[BaseHTTPRequestHandler], object]


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Answer], None]]:
    """Makes torchvision download MNIST from a loopback server with scripted answers."""
    servers: list[ThreadingHTTPServer] = []

    def answer_with(answer: Answer) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer(self)

            def log_message(self, *args: object) -> None: ...

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        monkeypatch.setattr(datasets.MNIST, "mirrors", [f"http://127.0.0.1:{server.server_port}/"])

    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield answer_with
    for server in servers:
        server.shutdown()
        server.server_close()


def packed(values: np.ndarray) -> bytes:
    """The gzipped IDX format of MNIST: a magic number that ends in the number of axes, the axes, the bytes."""
    return gzip.compress(struct.pack(f">I{values.ndim}I", 0x0800 + values.ndim, *values.shape) + values.tobytes())


def send(handler: BaseHTTPRequestHandler, status: int, body: bytes, length: int | None = None) -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    handler.end_headers()
    handler.wfile.write(body)


def test_a_download_becomes_a_set_and_happens_once(
    mirror: Callable[[Answer], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (7, 28, 28), dtype=np.uint8)
    labels = np.array([3, 1, 4, 1, 5, 9, 2], dtype=np.uint8)
    files = {
        "train-images-idx3-ubyte.gz": packed(pixels[:5]),
        "train-labels-idx1-ubyte.gz": packed(labels[:5]),
        "t10k-images-idx3-ubyte.gz": packed(pixels[5:]),
        "t10k-labels-idx1-ubyte.gz": packed(labels[5:]),
    }
    asked: list[str] = []

    def serve(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        send(handler, 200, files[handler.path.removeprefix("/")])

    mirror(serve)
    sums = [(name, hashlib.md5(body, usedforsecurity=False).hexdigest()) for name, body in files.items()]
    monkeypatch.setattr(datasets.MNIST, "resources", sums)
    monkeypatch.setitem(FACTS, "mnist", replace(FACTS["mnist"], train=5, held_out=2))

    train, held_out = sources.load("mnist", 0, "cpu", tmp_path)
    downloads = len(asked)
    sources.load("mnist", 0, "cpu", tmp_path)

    assert downloads == len(asked) > 0
    assert np.array_equal(train.pixels.numpy()[:, 0], pixels[:5])
    assert np.array_equal(held_out.pixels.numpy()[:, 0], pixels[5:])
    assert [*train.labels.tolist(), *held_out.labels.tolist()] == labels.tolist()


def refuse(handler: BaseHTTPRequestHandler) -> None:
    send(handler, 404, b"")


def break_off(handler: BaseHTTPRequestHandler) -> None:
    send(handler, 200, b"half", length=1000)


def send_something_else(handler: BaseHTTPRequestHandler) -> None:
    send(handler, 200, b"<html>Please log in to this network</html>")


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


def sentence_of_the_failure(home: Path) -> str:
    with pytest.raises(DataUnavailable) as failure:
        sources.load("mnist", 0, "cpu", home)
    return str(failure.value)


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # torchvision leaves an error's socket to the collector
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (refuse, "HTTP Error 404"),
        (break_off, "corrupted"),
        (send_something_else, "corrupted"),
        (hang_up, ""),
    ],
)
def test_a_failed_download_is_reported_and_leaves_no_files(
    mirror: Callable[[Answer], None], tmp_path: Path, answer: Answer, reason: str
) -> None:
    mirror(answer)

    sentence = sentence_of_the_failure(tmp_path)
    gc.collect()
    assert "'mnist'" in sentence
    assert "the download failed" in sentence
    assert reason in sentence
    assert "mnist-5k" in sentence
    assert "\n" not in sentence
    assert not (tmp_path / "data").exists()


def test_a_closed_port_is_data_unavailable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        monkeypatch.setattr(datasets.FashionMNIST, "mirrors", [f"http://127.0.0.1:{unused.getsockname()[1]}/"])

        with pytest.raises(DataUnavailable, match=r"'fashion-mnist'.*Connection refused"):
            sources.load("fashion-mnist", 0, "cpu", tmp_path)


def test_a_silent_server_times_out(
    mirror: Callable[[Answer], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    finished = threading.Event()
    mirror(lambda _: finished.wait(30))
    monkeypatch.setattr(download, "SILENCE_SECONDS", 0.2)
    before = socket.getdefaulttimeout()

    with pytest.raises(DataUnavailable, match="timed out"):
        sources.load("mnist", 0, "cpu", tmp_path)
    finished.set()
    assert socket.getdefaulttimeout() == before


def test_files_in_downloads_are_used_instead_of_the_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (7, 28, 28), dtype=np.uint8)
    labels = np.array([3, 1, 4, 1, 5, 9, 2], dtype=np.uint8)
    folder = tmp_path / "downloads" / "kmnist"
    folder.mkdir(parents=True)
    for part, chosen in (("train", slice(5)), ("t10k", slice(5, None))):
        (folder / f"{part}-images-idx3-ubyte.gz").write_bytes(packed(pixels[chosen]))
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(packed(labels[chosen]))
    monkeypatch.setitem(FACTS, "kmnist", replace(FACTS["kmnist"], train=5, held_out=2))
    monkeypatch.setattr(datasets.KMNIST, "mirrors", [])

    train, held_out = sources.load("kmnist", 0, "cpu", tmp_path)
    assert np.array_equal(train.pixels.numpy()[:, 0], pixels[:5])
    assert [*train.labels.tolist(), *held_out.labels.tolist()] == labels.tolist()


def test_the_cifar_10_archive_in_downloads_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "downloads").mkdir()
    archive(tmp_path / "downloads" / "cifar-10-python.tar.gz", batches())
    monkeypatch.setitem(FACTS, "cifar-10", replace(FACTS["cifar-10"], train=10, held_out=3))

    train, held_out = sources.load("cifar-10", 16, "cpu", tmp_path)
    assert (train.count, held_out.count, train.shape) == (10, 3, (3, 16, 16))
    assert (tmp_path / "data" / "cifar-10.npz").is_file()


def test_a_file_of_another_set_in_downloads_is_reported(tmp_path: Path) -> None:
    (tmp_path / "downloads").mkdir()
    archive(tmp_path / "downloads" / "cifar-10-python.tar.gz", batches())

    with pytest.raises(DataUnavailable, match=r"'cifar-10'.*holds 13 images of another set"):
        sources.load("cifar-10", 0, "cpu", tmp_path)


def test_cifar_10_is_downloaded_with_progress_and_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mirror: Callable[[Answer], None]
) -> None:
    content = archive(tmp_path / "made.tar.gz", batches()).read_bytes()
    asked: list[str] = []

    def serve(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        send(handler, 200, content)

    mirror(serve)
    monkeypatch.setattr(datasets.CIFAR10, "url", f"{datasets.MNIST.mirrors[0]}cifar-10-python.tar.gz")
    monkeypatch.setattr(datasets.CIFAR10, "tgz_md5", hashlib.md5(content, usedforsecurity=False).hexdigest())
    monkeypatch.setitem(FACTS, "cifar-10", replace(FACTS["cifar-10"], train=10, held_out=3))
    told: list[str] = []

    for _ in range(2):
        train, _ = sources.load("cifar-10", 0, "cpu", tmp_path, lambda doing, done, total: told.append(doing))
        assert train.count == 10
    assert asked == ["/cifar-10-python.tar.gz"]
    assert set(told) == {"Downloading cifar-10-python.tar.gz, megabytes"}


def test_a_download_can_be_stopped(mirror: Callable[[Answer], None], tmp_path: Path) -> None:
    mirror(lambda handler: send(handler, 200, bytes(1_000_000)))

    def stop(doing: str, done: int, total: int) -> None:
        raise ReadingStopped(doing, done, total)

    with pytest.raises(ReadingStopped, match=r"Stopped while downloading train-images-idx3-ubyte\.gz"):
        sources.load("mnist", 0, "cpu", tmp_path, stop)
    assert not (tmp_path / "data").exists()


def test_the_second_mirror_is_tried_if_the_first_fails(
    mirror: Callable[[Answer], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mirror(lambda handler: send(handler, 200, b"right"))
    good = f"{datasets.MNIST.mirrors[0]}file"
    checksum = hashlib.md5(b"right", usedforsecurity=False).hexdigest()

    download.download(["http://127.0.0.1:1/file", good], checksum, tmp_path / "file", no_progress)
    assert (tmp_path / "file").read_bytes() == b"right"


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("mnist", "downloads/mnist/train-images-idx3-ubyte.gz"),
        ("kmnist", "data/kmnist.npz"),
        ("cifar-10", "downloads/cifar-10-python.tar.gz"),
        ("bloodmnist", "downloads/bloodmnist.npz"),
    ],
)
def test_a_set_needs_a_download_until_its_files_exist(name: str, file: str, tmp_path: Path) -> None:
    assert needs_download(name, tmp_path)
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).touch()
    assert [each for each in FACTS if FACTS[each].download and not needs_download(each, tmp_path)] == [name]


def test_a_set_that_comes_with_a_package_never_needs_one(tmp_path: Path) -> None:
    assert not any(needs_download(name, tmp_path) for name in ("mnist-5k", "digits", "petals"))

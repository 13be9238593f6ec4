"""The README's custom family, as written there: command line, engine, and errors in its code."""

import json
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.__main__ import main
from pipeline.engine.worker import TrainingWorker
from pipeline.errors.base import GenscopeError
from pipeline.graph import document, edit
from pipeline.graph.workflow import Workflow
from pipeline.nodes import custom_nodes
from pipeline.nodes.catalogue import NODES
from pipeline.runs import metrics
from pipeline.runs.store import Store
from pipeline.runtime.messages.commands import (
    Back,
    Chunk,
    Fork,
    LookInside,
    NextStage,
    Pause,
    Resume,
    SetLive,
    SetProbes,
    Start,
)
from pipeline.studio.stages import stage_text
from pipeline.studio.stages.stage_facts import stages_of
from tests.custom_catalogue import catalogue_as_before
from tests.families.readme_family import write_family

SMALL = ("training.batch_size=8", "denoiser.channels=4", "samples.count=4", "samples.every=10")
TITLE = "Denoiser training"

Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def _catalogue() -> Iterator[None]:
    with catalogue_as_before():
        yield


@pytest.fixture
def nodes(tmp_path: Path) -> Path:
    """The folder with the README's two files."""
    return write_family(tmp_path)


@pytest.fixture
def workflow(nodes: Path, tmp_path: Path) -> Workflow:
    """The README's workflow with small settings, and with its nodes loaded."""
    assert custom_nodes.load([nodes], NODES).failed == ()
    read = document.read((tmp_path / "denoiser.json").read_bytes(), "denoiser.json")
    return edit.apply_settings(read, SMALL, NODES)


@pytest.fixture
def run(home: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """run("train", …): the JSON answer of the command line."""

    def call(*arguments: object) -> Any:
        code = main([*map(str, arguments), "--json"])
        out, err = capfd.readouterr()
        assert code == 0, err
        return json.loads(out)

    return call


@pytest.fixture
def bench(home: Path) -> Iterator["Bench"]:
    # As in an engine, where Ctrl-C is handled by another thread.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    bench = Bench(home)
    yield bench
    bench.worker.close()
    signal.signal(signal.SIGINT, before)


class Bench:
    """A training engine in this process."""

    def __init__(self, home: Path) -> None:
        self.worker = TrainingWorker(home, publish=lambda snapshot: None)

    @property
    def snapshot(self) -> Any:
        return self.worker.snapshot

    def ask(self, command: type, **fields: object) -> Any:
        return self.worker.obey(command(**{"run": self.snapshot.run, "who": "Ada", **fields}))

    def go_on(self) -> None:
        while self.worker.busy:
            self.worker.advance(lambda: False)


def saved(workflow: Workflow, folder: Path) -> Path:
    path = folder / "small.json"
    path.write_text(document.write(workflow), encoding="utf-8")
    return path


def test_the_command_line_checks_trains_resumes_samples_and_exports_it(workflow, tmp_path, run):
    file = saved(workflow, tmp_path)
    assert run("check", file)["ok"]
    found = run("train", file, "--steps", 20)
    assert found["metrics"].keys() >= {"loss", "gain", "grad_norm", "held_out_gain", "diversity", "dead_units"}
    again = run("train", "--resume", "latest", "--steps", 5, "--until", "gain < 0 or step == 23")
    assert (again["step"], again["state"]) == (23, "paused")
    assert run("export", "latest", "--to", "csv", "--out", tmp_path / "a.csv")["steps"] == 23
    heading = (tmp_path / "a.csv").read_text().splitlines()[0].split(",")
    assert heading[:4] == ["step", "loss", "gain", "grad_norm"] and "held_out_gain" in heading


def test_a_resumed_run_equals_an_uninterrupted_one(workflow, tmp_path, run):
    file = saved(workflow, tmp_path)
    whole = run("train", file, "--steps", 25)
    parts = run("train", file, "--steps", 12)
    assert run("train", "--resume", parts["run"], "--steps", 13)["step"] == 25
    with Store(tmp_path / "home") as store:
        curves = [metrics.history(store, each["run"], ["loss", "gain"]).series for each in (whole, parts)]
    for name in ("loss", "gain"):
        np.testing.assert_array_equal(curves[0][name].last, curves[1][name].last)


def test_an_image_of_many_denoising_steps_does_not_depend_on_the_count(workflow, tmp_path, run):
    run("train", saved(workflow, tmp_path), "--steps", 10)
    drawn = {}
    for count in (3, 16):
        run("sample", "latest", "--count", count, "--seed", 0, "--out", tmp_path / f"{count}.npz")
        with np.load(tmp_path / f"{count}.npz") as file:
            drawn[count] = file["images"].astype(int)
    assert np.abs(drawn[3] - drawn[16][:3]).max() <= 1
    assert drawn[16].std() > 0


def test_its_stages_are_described_in_its_own_words(workflow, bench):
    bench.ask(Start, workflow=document.write(workflow))
    bench.ask(Pause)
    run_stages = stages_of(document.write(workflow), 8)
    told = {}
    for _ in range(6):
        bench.ask(NextStage)
        stage = bench.snapshot.stage
        told[stage.name] = stage_text.caption(stage, run_stages, bench.snapshot.live)
    assert list(told) == ["draw real images", "add noise", "denoise", "loss", "gradients", "update"]
    assert told["add noise"] == "Put noise on the 8 images, up to a strength of 2."
    assert told["denoise"] == "Convolutional denoiser estimated the clean version of each of the 8 noisy images."
    assert told["update"].startswith("Adam, at a learning rate of 0.001, updated the weights of the denoiser by ")


def test_rewind_forks_probes_and_looking_inside_work_for_it(workflow, bench):
    bench.ask(Start, workflow=document.write(workflow))
    bench.ask(Pause)
    bench.ask(SetProbes, every=5)
    bench.ask(Chunk, steps=20)
    bench.go_on()
    first = bench.snapshot.run
    bench.ask(Back, step=7)
    bench.go_on()
    assert (bench.snapshot.step, bench.snapshot.head) == (7, 20)
    looked = bench.ask(LookInside, what="everything", role="denoiser", source="fake", index=2)
    assert looked.pictures[0].label.startswith("Input of the denoiser: sample 2, last of 12 calls")
    bench.ask(SetLive, node="objective", parameter="largest", value=1.0)
    assert bench.snapshot.run != first and bench.snapshot.live["objective.largest"] == 1
    bench.ask(Chunk, steps=3)
    bench.go_on()
    wider = edit.apply_settings(workflow, ["denoiser.channels=5"], NODES)
    bench.ask(Fork, workflow=document.write(wider))
    with Store(bench.worker.session.store.home) as store:
        assert store.run(bench.snapshot.run).parent_step == 10
        assert "denoiser" in store.events(bench.snapshot.run)[0].text


RAISED = {
    "an exception": "raise ValueError('one\\ntwo')",
    "an exit": "raise SystemExit(3)",
    "an interruption": "raise KeyboardInterrupt",
    "an unprintable exception": "raise type('Odd', (BaseException,), {'__str__': lambda self: 1 / 0})",
    "a division": "1 / 0",
    "a missing key": "{}['nothing']",
    "values that are not tensors": "return {'loss': 1.0, 'gain': 'two', 'held_out_gain': 'three'}",
    "nothing": "return None",
    "tensors of another shape": "return {name: torch.zeros(2, 3) for name in ('loss', 'gain', 'held_out_gain')}",
}
PLACES = {
    "the step": '        found = error(made["real"], made["guess"]).mean()\n',
    "the checkup": "        images = self.held_out.images\n",
    "the sampler": "        noisy = latents.values\n",
    "the latents": "        return Latents(self.largest * streams.normal(self.shape), streams)\n",
}


@pytest.mark.parametrize("where", PLACES)
@pytest.mark.parametrize("what", RAISED)
def test_an_error_in_its_code_fails_the_run_naming_the_node_and_never_the_engine(nodes, tmp_path, bench, where, what):
    torch_side = nodes / "_denoising.py"
    line, text = PLACES[where], torch_side.read_text(encoding="utf-8")
    assert line in text
    indent = line[: len(line) - len(line.lstrip())]
    broken = f"{indent}if BROKEN:\n{indent}    {RAISED[what]}\n"
    torch_side.write_text(f"{text.replace(line, broken + line)}\n\nBROKEN = []\n", encoding="utf-8")
    assert custom_nodes.load([nodes], NODES).failed == ()
    read = document.read((tmp_path / "denoiser.json").read_bytes(), "denoiser.json")
    sound = edit.apply_settings(read, SMALL, NODES)
    bench.ask(Start, workflow=document.write(sound))
    bench.ask(Pause)
    (broken_module,) = [module for name, module in sys.modules.items() if name.endswith("._denoising")]
    broken_module.BROKEN.append(True)
    with suppress(GenscopeError):
        bench.ask(Chunk, steps=10)
        bench.go_on()
    assert bench.snapshot.state == "failed", bench.snapshot
    titles = ("Denoising loss (objective)", f"{TITLE} (training)", "Sample grid (samples)")
    assert bench.snapshot.error.startswith(titles), bench.snapshot.error
    if not RAISED[what].startswith("return"):
        raised_at = torch_side.read_text(encoding="utf-8").splitlines().index(f"{indent}    {RAISED[what]}") + 1
        assert bench.snapshot.error.endswith(f"(_denoising.py, line {raised_at})."), bench.snapshot.error
    broken_module.BROKEN.clear()
    bench.ask(Resume, run=bench.snapshot.run, paused=True)
    bench.ask(Chunk, steps=3)
    bench.go_on()
    assert (bench.snapshot.state, bench.snapshot.error) == ("paused", "")

"""Fixtures: a home with a small trained run of each family, and a process that has torch and numpy alone."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.__main__ import main
from pipeline.graph import document, edit
from pipeline.nodes.catalogue import NODES
from pipeline.runs.store import Store
from pipeline.studio.workflows import open_template

COMMON = (
    "data.dataset=digits",
    "training.threads=1",
    "training.batch_size=8",
    "training.total_steps=4",
    "samples.count=4",
)
RUNS = {
    "hinge-sngan": (
        *("generator.image_size=8", "generator.base_channels=8", "generator.classes=10"),
        *("discriminator.base_channels=4", "discriminator.conditional=true"),
    ),
    "autoencoder": ("decoder.image_size=8", "encoder.hidden=16", "decoder.hidden=16"),
    "vae": (
        *("data.value_range=0 to 1", "decoder.output=sigmoid"),
        *("decoder.image_size=8", "encoder.base_channels=4", "decoder.base_channels=4"),
    ),
    "ddpm": ("network.channels=16", "sampling.steps=3"),
    "flow": ("network.channels=16", "network.attention=4", "sampling.steps=2", "sampling.guidance=2"),
    "latent-diffusion": (
        *("decoder.image_size=8", "noise.dim=16", "network.channels=16", "training.autoencoder_steps=2"),
        *("sampling.steps=3", "encoder.base_channels=4", "decoder.base_channels=4"),
    ),
}
"""A template of each kind of sampler and network, made small."""
ALONE = """
import runpy, sys
try:
    import pipeline
except ModuleNotFoundError:
    pass
else:
    raise SystemExit("pipeline can be imported here")
for line in sys.stdin.read().splitlines():
    sys.argv = line.split("\\t")
    runpy.run_path(sys.argv[0], run_name="__main__")
extra = {"pipeline", "PIL", "pandas", "safetensors", "torchvision"} & sys.modules.keys()
raise SystemExit(f"{extra} were imported" if extra else 0)
"""


@pytest.fixture(scope="session")
def runs_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, dict[str, str]]]:
    """A home with a trained run of each template, and their ids by the template's name."""
    folder = tmp_path_factory.mktemp("standalone")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENSCOPE_HOME", str(folder / "home"))
        patch.delenv("GENSCOPE_DATABASE_URL", raising=False)
        for name, settings in RUNS.items():
            workflow = edit.apply_settings(open_template(name), (*COMMON, *settings), NODES)
            path = folder / f"{name}.json"
            path.write_text(document.write(workflow), encoding="utf-8")
            assert main(["train", str(path), "--name", name, "--device", "cpu"]) == 0
        with Store(folder / "home") as store:
            yield store, {record.name: record.id for record in store.recent(len(RUNS))}


@pytest.fixture(scope="session")
def run_alone(tmp_path_factory: pytest.TempPathFactory) -> Callable[[list[list[str]]], None]:
    """Run Python files with their arguments in one fresh process, which cannot import `pipeline`."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")

    def run(commands: list[list[str]]) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "GENSCOPE"))}
        lines = "\n".join("\t".join(command) for command in commands)
        found = subprocess.run(
            [sys.executable, "-I", "-c", ALONE], input=lines, cwd=elsewhere, env=environment, capture_output=True,
            text=True, timeout=240,
        )  # fmt: skip
        assert found.returncode == 0, found.stderr

    return run


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"

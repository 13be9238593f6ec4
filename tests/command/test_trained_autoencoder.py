"""Training a denoiser on the latents of another run's autoencoder, from the command line."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch

from pipeline.__main__ import main
from pipeline.graph import document, edit
from pipeline.graph.node import Misfit
from pipeline.graph.workflow import Workflow
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.inputs.trained_autoencoder import TrainedAutoencoder
from pipeline.nodes.stored_autoencoder import FOLDER, find
from pipeline.runs.store import Store
from pipeline.studio.workflows import open_template
from pipeline.training.checkpoint import network_weights, read
from tests.families.diffusion.workflows import small_autoencoder, small_on_trained

Run = Callable[..., tuple[int, dict[str, Any], str]]
VECTORS = (
    "data.dataset=digits", "decoder.image_size=8", "encoder.hidden=16", "decoder.hidden=16", "training.batch_size=8",
    "samples.count=4",
)  # fmt: skip


class Made(NamedTuple):
    """A home and its runs: of an autoencoder, saved after 4 and 6 steps; of one whose codes are vectors; and of one
    with a node that is missing here."""

    home: Path
    spatial: str
    vectors: str
    custom: str


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("autoencoders")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENSCOPE_HOME", str(folder / "home"))
        patch.delenv("GENSCOPE_DATABASE_URL", raising=False)
        vectors = edit.apply_settings(open_template("autoencoder"), VECTORS, NODES)
        begin = ["train", written(small_autoencoder(), folder), "--steps", "4"]
        further = ["train", "--resume", "latest", "--steps", "2"]
        for words in (begin, further, ["train", written(vectors, folder), "--steps", "1"]):
            assert main(words) == 0
        with Store(folder / "home") as store:
            later, spatial = store.recent()
            facts = {name: getattr(spatial, name) for name in ("device", "seed", "batch_size", "train_images")}
            text = spatial.workflow_text.replace("SpatialEncoder", "MyEncoder")
            custom = store.create(name="custom", workflow_text=text, total_steps=20, who="", **facts)
            before, after = (store.files(each).folder / "checkpoints" for each in (spatial.id, custom.id))
            shutil.copytree(before, after, dirs_exist_ok=True)
        yield Made(folder / "home", spatial.id, later.id, custom.id)


@pytest.fixture
def there(made: Made, home: Path) -> Made:
    """A copy of that home, for one test."""
    shutil.copytree(made.home, home)
    return made._replace(home=home)


def written(workflow: Workflow, folder: Path) -> str:
    path = folder / f"{workflow.name}.json"
    path.write_text(document.write(workflow), encoding="utf-8")
    return str(path)


def newest(home: Path, run: str) -> Path:
    with Store(home) as store:
        return store.files(run).checkpoints()[-1][1]


def test_a_denoiser_learns_the_latents_of_another_runs_autoencoder_which_does_not_change(
    there: Made, run: Run, tmp_path: Path
) -> None:
    code, facts, _ = run("train", written(small_on_trained(there.spatial), tmp_path), "--steps", 3)
    assert code == 0 and facts["metrics"]["denoising_loss"] > 0
    checkpoint = newest(there.home, facts["run"])
    for role in ("encoder", "decoder"):
        averaged, kind = network_weights(newest(there.home, there.spatial), role, "ema")
        own, _ = network_weights(checkpoint, role, "ema")
        assert kind == "ema" and all(torch.equal(own[name], averaged[name]) for name in averaged)
    assert set(read(checkpoint).optimizers) == {"denoiser"}


def test_the_autoencoders_run_may_be_deleted_once_it_was_used(there: Made, run: Run, tmp_path: Path) -> None:
    path = written(small_on_trained(there.spatial), tmp_path)
    _, whole, _ = run("train", path, "--steps", 4)
    _, begun, _ = run("train", path, "--steps", 2)
    shutil.rmtree(there.home / "runs" / there.spatial)
    code, resumed, err = run("train", "--resume", begun["run"], "--steps", 2)
    assert code == 0 and "Encoding images" not in err
    one, other = (read(newest(there.home, each["run"])).networks for each in (whole, resumed))
    for role, weights in one.items():
        assert all(torch.equal(weights[name], other[role][name]) for name in weights)
    assert run("sample", begun["run"], "--count", 2, "--out", tmp_path / "grid.png")[0] == 0
    code, model, _ = run("export", begun["run"], "--to", "torch", "--out", tmp_path / "model")
    assert code == 0 and {"decoder", "denoiser"} <= set(model["networks"])
    assert run("train", path, "--steps", 1)[0] == 0


def test_without_the_run_and_its_copy_a_resume_is_refused_and_changes_nothing(
    there: Made, run: Run, tmp_path: Path
) -> None:
    _, begun, _ = run("train", written(small_on_trained(there.spatial), tmp_path), "--steps", 2)
    with Store(there.home) as store:
        shutil.rmtree(store.files(there.spatial).folder)
        shutil.rmtree(there.home / FOLDER)
        before = store.run(begun["run"])
        code, _, err = run("train", "--resume", begun["run"], "--steps", 2)
        assert code == 2 and f"autoencoder (Trained autoencoder): Run {there.spatial} has no checkpoint" in err
        assert store.run(begun["run"]) == before


@pytest.mark.parametrize("text", ["{", "[]", '{"workflow": "{}"}'])
def test_a_copy_whose_record_is_damaged_counts_as_missing(tmp_path: Path, text: str) -> None:
    folder = tmp_path / FOLDER / "20200101-000000-00000000-step-000000012"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(text)
    with pytest.raises(Misfit, match="There is no run 20200101-000000-00000000 in this home"):
        find("20200101-000000-00000000", 0, tmp_path)


def test_a_fork_takes_the_autoencoder_of_its_own_workflow(there: Made, run: Run, tmp_path: Path) -> None:
    path = written(small_on_trained(there.spatial, "autoencoder.step=4"), tmp_path)
    _, begun, _ = run("train", path, "--steps", 2)
    code, forked, err = run("train", "--fork", begun["run"], "--set", "autoencoder.step=6", "--steps", 2)
    assert code == 0 and "Encoding images" in err
    newer, _ = network_weights(newest(there.home, there.spatial), "encoder", "ema")
    own = read(newest(there.home, forked["run"])).networks["encoder"]
    assert all(torch.equal(own[name], newer[name]) for name in newer)


@pytest.mark.parametrize(
    ("wanted", "settings", "words"),
    [
        ("", (), "Choose a run that has trained an autoencoder"),
        ("latest", (), "There is no run 'latest'"),
        ("20200101-000000-00000000", (), "There is no run 20200101-000000-00000000 in this home: it was deleted"),
        ("spatial", ("autoencoder.step=3",), "has no checkpoint at step 3; it has checkpoints at steps 0, 4, 6."),
        ("vectors", (), "makes vectors, but latents are small images; choose a run with a spatial encoder"),
        ("custom", (), "cannot be built here: encoder (Encoder): There is no node type 'MyEncoder'"),
        ("spatial", ("data.image_size=12",), "was trained on images of 1×8×8, but these are 1×12×12"),
        ("spatial", ("data.value_range=0 to 1",), "was trained on values of -1 to 1, but these images have 0 to 1"),
    ],
)
def test_a_check_says_what_does_not_fit_and_what_to_do(
    made: Made,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    wanted: str,
    settings: tuple[str, ...],
    words: str,
) -> None:
    monkeypatch.setenv("GENSCOPE_HOME", str(made.home))
    path = written(small_on_trained(getattr(made, wanted, wanted), *settings), tmp_path)
    code, facts, err = run("check", path)
    assert code == 2
    (problem,) = [error["message"] for node in facts["node_errors"].values() for error in node["errors"]]
    assert words in problem and problem in err
    with Store(made.home) as store:
        assert len(store.recent()) == 3


def test_the_page_offers_the_runs_whose_autoencoder_makes_latents(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENSCOPE_HOME", str(made.home))
    offered = TrainedAutoencoder.offers("run")
    assert offered == {made.spatial: f"small-autoencoder · step 6 · {made.spatial}"}
    assert TrainedAutoencoder.offers("step") == {}

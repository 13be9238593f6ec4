from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from pipeline.data.large.choosing import AUTOMATIC
from pipeline.graph.check import check
from pipeline.graph.node import Misfit
from pipeline.graph.workflow import NodeData
from pipeline.nodes.assemble import assemble
from pipeline.nodes.building import Building
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.inputs.files import ImageFiles


@pytest.fixture
def photos(tmp_path):
    """Ten grey images of each of two classes, in three sizes."""
    for number in range(20):
        folder = tmp_path / "photos" / ("cat", "dog")[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        size = ((8, 8), (9, 14), (20, 11))[number % 3]
        Image.fromarray(np.full(size, number * 10, np.uint8)).save(folder / f"{number}.png")
    return tmp_path / "photos"


def test_infer_and_build_agree(photos, tmp_path):
    node = ImageFiles(source=str(photos), image_size=8)
    port = node.infer()
    part = node.build(Building("data", 0, "cpu", tmp_path / "home"))

    assert (port.shape, port.classes, port.count, port.held_out) == ((1, 8, 8), 2, 18, 2)
    assert port.class_names == ("cat", "dog")
    assert (part.train.shape, part.train.count, part.held_out.count) == (port.shape, port.count, port.held_out)
    assert part.classes == port.classes
    assert sorted(part.held_out.labels.tolist()) == [0, 1]


def test_the_original_size_of_every_image_is_kept_with_the_set(photos, tmp_path):
    part = ImageFiles(source=str(photos), image_size=8).build(Building("data", 0, "cpu", tmp_path / "home"))

    shades = part.train.pixels.flatten(1)[:, 0].tolist()
    sizes = [((8, 8), (9, 14), (20, 11))[(shade // 10) % 3] for shade in shades]
    assert [tuple(size) for size in part.train.sizes.tolist()] == sizes


def test_what_is_said_of_a_set_fits_the_decoding_of_this_node_though_another_workflow_has_read_it(photos, home):
    later, usual = (
        ImageFiles(source=str(photos), image_size=8, decoding=each) for each in ("while training", AUTOMATIC)
    )
    later.build(Building("data", 0, "cpu", home))
    assert "decoded while training, as the data node says" in later.remarks().line
    assert usual.remarks().line == "Found 20 images in 2 classes: 18 for training, 2 held out."


def test_images_without_labels_have_no_classes(tmp_path):
    (tmp_path / "flat").mkdir()
    for number in range(2):
        Image.new("L", (8, 8), number).save(tmp_path / "flat" / f"{number}.png")

    assert ImageFiles(source=str(tmp_path / "flat")).infer().classes == 0


def test_a_share_of_zero_holds_nothing_out(photos, tmp_path):
    part = ImageFiles(source=str(photos), held_out=0.0).build(Building("data", 0, "cpu", tmp_path / "home"))

    assert (part.train.count, part.held_out.count) == (20, 0)


@pytest.mark.parametrize(
    ("source", "reason"),
    [("", "it is empty"), ("nowhere", "no such file"), ("/dev/null", "neither a folder nor a file")],
)
def test_an_unusable_source_is_reported_at_its_field(source, reason):
    with pytest.raises(Misfit, match=reason) as misfit:
        ImageFiles(source=source).infer()

    assert misfit.value.field == "source"


def test_checking_an_unusable_source_reports_it_and_creates_no_home(small, tmp_path, monkeypatch):
    monkeypatch.setenv("GENSCOPE_HOME", str(tmp_path / "home"))
    workflow = small("mlp-gan")
    data = NodeData("ImageFiles", {"source": "nowhere"})
    report = check(replace(workflow, nodes={**workflow.nodes, "data": data}), NODES)

    assert [(problem.node, problem.input_name) for problem in report.problems] == [("data", "source")]
    assert "no such file or folder" in report.sentences()[0]
    assert not (tmp_path / "home").exists()


def test_an_uploaded_file_is_found_by_its_name(tmp_path, monkeypatch):
    monkeypatch.setenv("GENSCOPE_HOME", str(tmp_path / "home"))
    (tmp_path / "home" / "uploads").mkdir(parents=True)
    np.savez(tmp_path / "home" / "uploads" / "a.npz", images=np.zeros((4, 8, 8), np.uint8))

    assert ImageFiles(source="a.npz").infer().shape == (1, 32, 32)


def test_the_range_of_shades_is_a_parameter(tmp_path):
    np.savez(tmp_path / "a.npz", images=np.random.default_rng(0).integers(0, 1_024, (10, 8, 8), dtype=np.uint16))
    means = []
    for shades in ("as stored", "10 bits"):
        node = ImageFiles(source=str(tmp_path / "a.npz"), image_size=8, shades=shades)
        part = node.build(Building("data", 0, "cpu", tmp_path / "home"))
        means.append(round(float(part.train.pixels.float().mean()) / 255, 1))

    assert means == [0.0, 0.5]


def test_images_of_three_sizes_train(photos, small, tmp_path):
    from pipeline.training.trainer import Trainer

    workflow = small("mlp-gan", "generator.image_size=8", "training.batch_size=8")
    data = NodeData("ImageFiles", {"source": str(photos), "image_size": 8})
    trainer = Trainer.fresh(assemble(replace(workflow, nodes={**workflow.nodes, "data": data}), tmp_path / "home"))
    trainer.slice(3, seconds=60)

    assert trainer.state.step == 3


def test_a_run_without_held_out_images_trains(photos, small, tmp_path):
    from pipeline.training.trainer import Trainer

    workflow = small("mlp-gan", "generator.image_size=8", "training.batch_size=8")
    data = NodeData("ImageFiles", {"source": str(photos), "image_size": 8, "held_out": 0.0})
    trainer = Trainer.fresh(assemble(replace(workflow, nodes={**workflow.nodes, "data": data}), tmp_path / "home"))
    trainer.slice(3, seconds=60)

    assert trainer.state.step == 3


def test_a_run_of_version_0_3_keeps_the_order_labels_and_split_of_its_images(tmp_path, monkeypatch):
    monkeypatch.setenv("GENSCOPE_HOME", str(tmp_path / "home"))
    for number, name in enumerate(("training_set/img10", "training_set/img2", "test_set/1")):
        folder = tmp_path / "photos" / name.split("/")[0]
        folder.mkdir(parents=True, exist_ok=True)
        Image.new("L", (8, 8), 10 * (number + 1)).save(tmp_path / "photos" / f"{name}.png")
    found = {}
    for rules in ("0.3", "0.4"):
        node = ImageFiles(source=str(tmp_path / "photos"), image_size=8, held_out=0, rules=rules)
        part = node.build(Building("data", 0, "cpu", tmp_path / "home"))
        shades = [each.pixels.flatten(1)[:, 0].tolist() for each in (part.train, part.held_out)]
        found[rules] = (node.infer().class_names, *shades)

    assert found == {"0.3": (("test_set", "training_set"), [30, 10, 20], []), "0.4": ((), [20, 10], [30])}
    assert ImageFiles().rules == "0.4"

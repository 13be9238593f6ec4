"""The name of a workflow's images."""

from pathlib import Path

import pytest

from pipeline.graph import edit
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.checked_workflow import check_workflow
from pipeline.nodes.image_names import images_name
from pipeline.studio.data.data_nodes import replace_data
from pipeline.studio.data.datasets import DataChoice
from pipeline.studio.workflows import open_template
from tests.data.files.pictures import png, write


@pytest.mark.parametrize(("template", "name"), [("dcgan", "mnist-5k"), ("textures", "petals"), ("flow", "mnist-5k")])
def test_a_built_in_set_has_its_name(template: str, name: str) -> None:
    assert images_name(check_workflow(open_template(template))) == name


def test_image_files_are_named_like_their_folder_also_behind_an_augmentation(tmp_path: Path) -> None:
    write(tmp_path / "holiday", {f"{number}.png": png() for number in range(100)})
    workflow = replace_data(open_template("dcgan"), DataChoice(str(tmp_path / "holiday"), 28)).workflow
    (node,) = [name for name, each in workflow.nodes.items() if each.class_type == "ImageFiles"]
    augmented, _ = edit.insert_node(workflow, "Augment", node, NODES)
    assert images_name(check_workflow(augmented)) == "holiday"

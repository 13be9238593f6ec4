import json
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from pipeline.errors.workflow import InvalidValue, NameExists, UnknownTemplate, UnreadableDocument, UnusableName
from pipeline.graph import document
from pipeline.studio import workflows


@pytest.fixture
def dcgan():
    return workflows.open_template("dcgan")


def test_the_default_template_comes_first_and_each_says_what_it_is():
    names = [template.name for template in workflows.templates()]
    assert names[:2] == ["dcgan", "latent-diffusion"] == [each.name for each in workflows.templates() if each.minutes]
    assert names == [*workflows.ORDER]
    for template in workflows.templates():
        assert template.title and template.description.endswith(".")
        assert template.picture.suffix == ".png"


@pytest.mark.parametrize("name", workflows.ORDER)
def test_a_template_has_no_problems(name):
    assert workflows.report(workflows.open_template(name)).sentences() == []


@pytest.mark.parametrize("name", ["dcgam", "../templates/dcgan", ""])
def test_an_unknown_template_is_refused(name):
    with pytest.raises(UnknownTemplate, match=r"There is no template .* The templates are dcgan, latent-diffusion, "):
        workflows.open_template(name)


def test_a_json_file_without_a_name_is_named_after_its_file(dcgan):
    bare = json.dumps(json.loads(document.write(dcgan))["prompt"]).encode()
    opened = workflows.open_file(bare, "night run.json")
    assert (opened.name, opened.nodes) == ("night run", dcgan.nodes)
    assert workflows.open_file(document.write(dcgan).encode(), "other.json") == dcgan


def test_a_picture_opens_with_any_file_extension(dcgan, tmp_path):
    chunks = PngInfo()
    for keyword, text in document.png_texts(dcgan, "20260101-000000-00000000", 5, 0, "1").items():
        chunks.add_text(keyword, text)
    Image.new("L", (2, 2)).save(tmp_path / "grid.png", pnginfo=chunks)
    picture = (tmp_path / "grid.png").read_bytes()
    assert workflows.open_file(picture, "grid.png").nodes == dcgan.nodes
    assert workflows.open_file(picture, "grid.json").nodes == dcgan.nodes


def test_a_file_as_large_as_a_data_set_is_refused_before_it_is_read():
    with pytest.raises(UnreadableDocument, match=r"the limit is 16\.0 MB.*Data page"):
        workflows.open_file(bytes(workflows.LARGEST_FILE + 1), "photos.png")


def test_a_saved_workflow_opens_under_its_name(dcgan, tmp_path):
    saved = workflows.save(tmp_path, dcgan, " my digits ")
    assert saved == replace(dcgan, name="my digits")
    assert workflows.saved_names(tmp_path) == ["my digits"]
    assert workflows.open_saved(tmp_path, "my digits") == saved


def test_a_user_can_save_their_workflow_again_unless_another_user_has_changed_it(dcgan, tmp_path):
    first = workflows.save(tmp_path, dcgan, "digits")
    edited = workflows.set_parameter(first, "training", "batch_size", 32)
    second = workflows.save(tmp_path, edited, "digits", known=first)
    assert workflows.open_saved(tmp_path, "digits") == second
    with pytest.raises(NameExists):
        workflows.save(tmp_path, edited, "digits", known=first)


def test_a_workflow_is_not_saved_without_a_name(dcgan, tmp_path):
    with pytest.raises(UnusableName):
        workflows.save(tmp_path, dcgan, "  ")


@pytest.mark.parametrize("value", [5000, -1, 2.5, "many", float("nan"), 10**30, True])
def test_an_invalid_parameter_value_is_refused(dcgan, value):
    with pytest.raises(InvalidValue, match=r"^Not changed: Batch size is "):
        workflows.set_parameter(dcgan, "training", "batch_size", value)


def test_a_parameter_value_is_judged_regardless_of_other_problems(dcgan):
    broken = workflows.set_parameter(dcgan, "generator", "image_size", 32)
    assert not workflows.report(broken).ok
    assert workflows.set_parameter(broken, "training", "batch_size", 32).nodes["training"].inputs["batch_size"] == 32


@pytest.mark.parametrize("kind", ["JPEG", "GIF", "WebP", "BMP", "TIFF"])
@pytest.mark.parametrize("name", ["grid.jpg", "grid.png", "grid.json"])
def test_a_grid_saved_in_another_format_has_lost_its_workflow(kind, name):
    stream = BytesIO()
    Image.new("RGB", (2, 2)).save(stream, kind)
    with pytest.raises(UnreadableDocument, match=f"it is a {kind} picture, and the workflow was lost with the PNG"):
        workflows.open_file(stream.getvalue(), name)


def test_a_png_saved_again_elsewhere_has_lost_its_workflow():
    stream = BytesIO()
    Image.new("RGB", (2, 2)).save(stream, "PNG")
    with pytest.raises(UnreadableDocument, match="no workflow; programs that edit or send pictures drop it"):
        workflows.open_file(stream.getvalue(), "grid.png")


def test_a_name_from_a_file_is_held_to_what_a_user_may_type(dcgan):
    def opened(name, file_name="my\x1bfile.json"):
        return workflows.open_file(document.write(replace(dcgan, name=name)).encode(), file_name).name

    assert opened("n" * 200) == "n" * 60
    assert opened("a\u200bb\u00a0c") == "a b c"
    assert opened("\x07") == "my file"
    assert opened("\x07", "\x07.json") == "workflow"

from dataclasses import replace

import pytest
import torch

from pipeline.data.sources import load
from pipeline.errors.features import NoFeatures, UnknownWeights
from pipeline.errors.machine import UnusableFile
from pipeline.evaluation.features.choose import choose
from pipeline.training.parts import RealImages
from tests.evaluation.features.test_own import real


def test_digits_are_described_by_their_own_classifier_and_others_by_that_of_photographs(tmp_path):
    train, held_out = load("digits", 0, "cpu", tmp_path)
    images = RealImages("data", train, held_out, 10)
    found = choose("auto", images, tmp_path)
    assert (found.name, found.dimensions, found.class_names[7]) == ("digit classifier", 64, "7")
    assert found.of(held_out.pixels).probabilities.argmax(1).eq(held_out.labels).float().mean() > 0.5
    assert train.findings is not None
    clothes = replace(train.findings, class_names=("shirt", *map(str, range(1, 10))))
    others = replace(images, train=replace(train, findings=clothes))
    assert choose("auto", others, tmp_path).name == choose("auto", real(), tmp_path).name == "EfficientNet-Lite0"


def test_a_name_that_is_neither_known_nor_a_file_is_refused(tmp_path):
    with pytest.raises(NoFeatures, match=r"no such file\. Name a file of weights, or one of auto, digits, own, eff"):
        choose("inception", real(), tmp_path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"layer.weight": torch.ones(2)}, "it holds 1 tensors of another network"),
        ({"Mixed_7c.branch_pool.conv.weight": torch.ones(2)}, "its tensors do not fit together"),
        ({"blocks.0.ls1.gamma": torch.ones(2)}, "its tensors do not fit together .it lacks 'cls_token'"),
    ],
)
def test_a_file_of_anything_else_is_refused_with_what_was_expected_and_found(content, reason, tmp_path):
    path = tmp_path / "weights.pth"
    torch.save(content, path)
    with pytest.raises(UnknownWeights, match=rf"{reason}.*Inception network of the FID .* or of DINOv2"):
        choose(str(path), real(), tmp_path)


@pytest.mark.parametrize("content", [[1, 2], {"step": 3}, b"no weights", b"", {"a": torch.nn.Linear(1, 1)}])
def test_what_is_no_file_of_weights_or_would_run_code_is_refused(content, tmp_path):
    path = tmp_path / "weights.pth"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        torch.save(content, path)
    with pytest.raises(UnusableFile, match="cannot be read"):
        choose(str(path), real(), tmp_path)

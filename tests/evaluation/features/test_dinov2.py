import pytest
import torch
from torch import nn

from pipeline.evaluation.features.dinov2 import VisionTransformer
from pipeline.evaluation.features.from_file import features_from_file

WIDTH, DEPTH = 128, 3


def made_up(side=16):
    """Weights under Meta's names, of a network of two heads for images of side² patches."""
    random = torch.Generator().manual_seed(0)

    def drawn(*shape):
        return torch.randn(*shape, generator=random) / 10

    weights = {
        "cls_token": drawn(1, 1, WIDTH),
        "pos_embed": drawn(1, 1 + side * side, WIDTH),
        "mask_token": drawn(1, WIDTH),
        "patch_embed.proj.weight": drawn(WIDTH, 3, 14, 14),
        "patch_embed.proj.bias": drawn(WIDTH),
        "norm.weight": 1 + drawn(WIDTH),
        "norm.bias": drawn(WIDTH),
    }
    layers = {"attn.qkv": (3, 1), "attn.proj": (1, 1), "mlp.fc1": (4, 1), "mlp.fc2": (1, 4)}
    for block in (f"blocks.{number}" for number in range(DEPTH)):
        for name, (outputs, inputs) in layers.items():
            weights[f"{block}.{name}.weight"] = drawn(outputs * WIDTH, inputs * WIDTH)
            weights[f"{block}.{name}.bias"] = drawn(outputs * WIDTH)
        for number in (1, 2):
            weights[f"{block}.norm{number}.weight"] = 1 + drawn(WIDTH)
            weights[f"{block}.norm{number}.bias"] = drawn(WIDTH)
            weights[f"{block}.ls{number}.gamma"] = 1 + drawn(WIDTH)
    return weights


def by_torch(weights, tokens):
    """The blocks as torch's own layers: the scale of a branch is that of its last weights."""
    for block in (f"blocks.{number}" for number in range(DEPTH)):
        given = {name.removeprefix(f"{block}."): each for name, each in weights.items() if name.startswith(block)}
        scales = given["ls1.gamma"], given["ls2.gamma"]
        layer = nn.TransformerEncoderLayer(
            WIDTH, 2, 4 * WIDTH, 0, "gelu", layer_norm_eps=1e-6, batch_first=True, norm_first=True
        )
        state = {
            "self_attn.in_proj_weight": given["attn.qkv.weight"],
            "self_attn.in_proj_bias": given["attn.qkv.bias"],
            "self_attn.out_proj.weight": given["attn.proj.weight"] * scales[0][:, None],
            "self_attn.out_proj.bias": given["attn.proj.bias"] * scales[0],
            "linear1.weight": given["mlp.fc1.weight"],
            "linear1.bias": given["mlp.fc1.bias"],
            "linear2.weight": given["mlp.fc2.weight"] * scales[1][:, None],
            "linear2.bias": given["mlp.fc2.bias"] * scales[1],
        } | {name: each for name, each in given.items() if name.startswith("norm")}
        layer.load_state_dict(state)
        layer.requires_grad_(False)
        # In training mode and without dropout, it takes the same path as any other layer.
        tokens = layer.train()(tokens)
    return tokens


def test_it_is_a_network_of_torchs_own_layers():
    weights = made_up()
    images = torch.randn(2, 3, 224, 224, generator=torch.Generator().manual_seed(1))
    patches = nn.functional.conv2d(
        images, weights["patch_embed.proj.weight"], weights["patch_embed.proj.bias"], stride=14
    )
    tokens = torch.cat([weights["cls_token"].expand(2, -1, -1), patches.flatten(2).transpose(1, 2)], 1)
    tokens = by_torch(weights, tokens + weights["pos_embed"])[:, 0]
    expected = nn.functional.layer_norm(tokens, (WIDTH,), weights["norm.weight"], weights["norm.bias"], 1e-6)
    assert torch.allclose(VisionTransformer(weights, "cpu")(images), expected, rtol=1e-4, atol=1e-5)


def test_positions_of_another_size_are_interpolated_and_registers_kept(tmp_path):
    weights = made_up(side=37)
    weights["pos_embed"][:, 1:] = weights["pos_embed"][:, 1:2]
    torch.save({**weights, "register_tokens": torch.zeros(1, 4, WIDTH)}, tmp_path / "dinov2.pth")
    extractor = features_from_file(tmp_path / "dinov2.pth", "cpu")
    pixels = torch.randint(0, 256, (3, 1, 28, 28), dtype=torch.uint8)
    assert extractor.of(pixels).features.shape == (3, WIDTH) and not extractor.inception
    # Positions that are all the same stay the same.
    assert torch.allclose(
        VisionTransformer(weights, "cpu")(torch.ones(1, 3, 224, 224)),
        VisionTransformer({**weights, "pos_embed": weights["pos_embed"][:, :257]}, "cpu")(torch.ones(1, 3, 224, 224)),
        rtol=1e-3,
        atol=1e-4,
    )


def test_the_gated_layers_of_the_giant_are_known():
    weights = made_up()
    for block in (f"blocks.{number}" for number in range(DEPTH)):
        for name in ("fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"):
            weights.pop(f"{block}.mlp.{name}")
        weights[f"{block}.mlp.w12.weight"] = torch.zeros(2 * WIDTH, WIDTH)
        weights[f"{block}.mlp.w12.bias"] = torch.cat([torch.full((WIDTH,), 3.0), torch.full((WIDTH,), 2.0)])
        weights[f"{block}.mlp.w3.weight"] = torch.eye(WIDTH)
        weights[f"{block}.mlp.w3.bias"] = torch.zeros(WIDTH)
    network = VisionTransformer(weights, "cpu")
    inner = network._block(torch.zeros(1, 5, WIDTH), "blocks.0") - torch.zeros(1, 5, WIDTH)
    weights["blocks.0.ls2.gamma"] = torch.zeros(WIDTH)
    without = VisionTransformer(weights, "cpu")._block(torch.zeros(1, 5, WIDTH), "blocks.0")
    scale = network._weights["blocks.0.ls2.gamma"]
    assert torch.allclose(
        (inner - without) / scale, torch.full((1, 5, WIDTH), 6 * torch.sigmoid(torch.tensor(3.0)).item())
    )


def test_a_missing_tensor_is_named(tmp_path):
    weights = made_up()
    weights.pop("blocks.1.attn.proj.bias")
    with pytest.raises(KeyError, match=r"blocks\.1\.attn\.proj\.bias"):
        VisionTransformer(weights, "cpu")(torch.zeros(1, 3, 224, 224))

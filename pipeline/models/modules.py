"""The modules of plans that torch does not have, and two containers: a network and a residual block.

Layers say what they were made with (`made_with`), as torch's do in `extra_repr`, for `pipeline/standalone/`.

A conditional layer is called with the network's condition as a second argument: class vectors (B, classes) in a
generator, labels (B,) int64 in a discriminator.
"""

from collections import OrderedDict
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Conditional(nn.Module):
    """A layer that is also called with a condition, None if the network was given none."""


class Chain(nn.Sequential):
    """Layers in sequence; conditional ones receive the condition."""

    def forward(self, values: Tensor, condition: Tensor | None = None) -> Tensor:
        for layer in self:
            values = layer(values, condition) if isinstance(layer, Conditional) else layer(values)
        return values


class Network(Chain):
    """A whole network.

    classes: number of classes of a conditional generator, whose inputs (B, noise + classes) end in a class vector that
    all its conditional layers receive. 0 otherwise: conditional layers receive `labels`, and other networks ignore
    them.
    """

    def __init__(self, layers: Mapping[str, nn.Module], classes: int = 0) -> None:
        super().__init__(OrderedDict(layers))
        self.classes = classes

    def forward(self, inputs: Tensor, labels: Tensor | None = None) -> Tensor:
        """Run the layers. inputs: (B, …), latents or images. labels: (B,) int64, required by a conditional
        discriminator."""
        return super().forward(inputs, inputs[:, -self.classes :] if self.classes else labels)


class Residual(Conditional):
    """The sum of its branches."""

    def __init__(self, branches: Mapping[str, Chain]) -> None:
        super().__init__()
        for name, branch in branches.items():
            self.add_module(name, branch)

    def forward(self, values: Tensor, condition: Tensor | None = None) -> Tensor:
        first, *others = (branch(values, condition) for branch in self.children())
        total: Tensor = sum(others, first)
        return total


class ClassEmbedding(nn.Module):
    """(B, noise + classes) -> (B, noise + embedding_dim): maps the class vector linearly and passes the noise on.

    Conditional GANs, Mirza & Osindero 2014 (arXiv 1411.1784). Embeddings are initialised from the standard normal
    distribution, like the noise, so that neither dominates the other.
    """

    def __init__(self, classes: int, embedding_dim: int) -> None:
        super().__init__()
        self.classes = classes
        self.weight = nn.Parameter(torch.randn(classes, embedding_dim))

    def made_with(self) -> str:
        return "{}, {}".format(*self.weight.shape)

    def forward(self, latents: Tensor) -> Tensor:
        noise, vectors = latents[:, : -self.classes], latents[:, -self.classes :]
        return torch.cat([noise, vectors @ self.weight], dim=1)


class ConditionalBatchNorm(Conditional):
    """Batch normalization whose scale and shift are selected by the class vector c: y = x̂·(1 + c·scale) + c·shift.

    Dumoulin et al. 2017 (arXiv 1610.07629), de Vries et al. 2017 (arXiv 1707.00683). A mixture of classes gets the
    mixture of their scales and shifts. Initialised like plain batch normalization, the same for every class.
    """

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, num_features: int, classes: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.zeros(classes, num_features))
        self.shift = nn.Parameter(torch.zeros(classes, num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))

    def made_with(self) -> str:
        classes, num_features = self.scale.shape
        return f"{num_features}, {classes}"

    def forward(self, values: Tensor, condition: Tensor | None = None) -> Tensor:
        """Normalize values (B, C, …). condition: class vectors (B, classes)."""
        assert condition is not None, "a network with class vectors passes them on"
        per_channel = (*values.shape[:2], *(1 for _ in values.shape[2:]))
        scale = 1 + (condition @ self.scale).float().view(per_channel)
        shift = (condition @ self.shift).float().view(per_channel)
        return torch.addcmul(shift, self.normalized(values), scale)

    def normalized(self, values: Tensor) -> Tensor:
        """Values (B, C, …) with mean 0 and variance 1 in each channel: of the batch in training mode, else of the
        running statistics."""
        return F.batch_norm(values, self.running_mean, self.running_var, training=self.training)


class Projection(Conditional):
    """Features φ (B, in_features) and labels y (B,) -> scores (B, 1): ψ(φ) + ⟨embedding(y), φ⟩ with a linear ψ.

    The projection discriminator, Miyato & Koyama 2018 (arXiv 1802.05637), equation 3. Raises ValueError without labels.
    """

    def __init__(self, in_features: int, classes: int) -> None:
        super().__init__()
        self.linear = nn.Linear(in_features, 1)
        self.embedding = nn.Embedding(classes, in_features)
        # Initialised as widely as the linear layer: with torch's standard normal embeddings the class alone would
        # decide the first scores.
        bound = in_features**-0.5
        nn.init.uniform_(self.embedding.weight, -bound, bound)

    def made_with(self) -> str:
        return f"{self.linear.in_features}, {self.embedding.num_embeddings}"

    def forward(self, features: Tensor, condition: Tensor | None = None) -> Tensor:
        if condition is None:
            raise ValueError("This discriminator is conditional: call it with the labels (B,) of the images.")
        scores: Tensor = self.linear(features)
        return scores + torch.bmm(self.embedding(condition).unsqueeze(1), features.unsqueeze(2)).squeeze(2)


class SelfAttention(nn.Module):
    """y = x + γ·W_v·Σⱼ βⱼ·W_h·xⱼ with β = softmaxⱼ((W_g·xᵢ)ᵀ(W_f·xⱼ)), over all positions j: (B, C, H, W) -> the same.

    Zhang et al. 2019 (arXiv 1805.08318), equations 1 to 3; every W is a 1×1 convolution. γ starts at 0, so a network
    first learns from neighbouring positions and includes distant ones as it needs them.
    """

    def __init__(self, channels: int, inner: int) -> None:
        super().__init__()
        self.query = nn.Conv2d(channels, inner, kernel_size=1, bias=False)
        self.key = nn.Conv2d(channels, inner, kernel_size=1, bias=False)
        self.value = nn.Conv2d(channels, inner, kernel_size=1, bias=False)
        self.output = nn.Conv2d(inner, channels, kernel_size=1, bias=False)
        self.gamma = nn.Parameter(torch.zeros(()))

    def made_with(self) -> str:
        return f"{self.query.in_channels}, {self.query.out_channels}"

    def forward(self, values: Tensor) -> Tensor:
        query, key, value = (conv(values).flatten(2).transpose(1, 2) for conv in (self.query, self.key, self.value))
        # Not torch's fused attention: it has no second derivative, which gradient penalties need.
        attention = torch.bmm(query, key.transpose(1, 2)).softmax(dim=2)  # (B, N, N)
        # (B, inner, H, W); no axis is left to torch, which cannot infer one of a batch of nothing.
        shape = (*value.shape[::2], *values.shape[2:])
        attended = torch.bmm(attention, value).transpose(1, 2).view(shape)
        added: Tensor = values + self.gamma * self.output(attended)
        return added


class GlobalPool(nn.Module):
    """(B, C, H, W) -> (B, C): the "sum" or the "mean" of every channel."""

    def __init__(self, mode: str) -> None:
        super().__init__()
        self.mode = mode

    def made_with(self) -> str:
        return f"mode={self.mode!r}"

    def forward(self, values: Tensor) -> Tensor:
        return values.sum(dim=(2, 3)) if self.mode == "sum" else values.mean(dim=(2, 3))

"""A network before it is built: records of its layers with shapes, parameters and multiply-adds.

    Plan((100,)).linear(128).leaky_relu(0.2).linear(784).unflatten((1, 28, 28)).tanh()

Workflow checks and the table in the sidebar use plans, without torch; `build.py` builds the network. Shapes leave out
the batch axis: (features,) or (channels, height, width).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod
from typing import Literal

Shape = tuple[int, ...]
End = Literal["tanh", "sigmoid"]
"""The function that bounds the images that a network makes."""
Option = int | float | bool | str | Shape

ATTENTION_RATIO = 8
"""Queries and keys of self-attention have an eighth of the channels, as in SAGAN."""


@dataclass(frozen=True)
class Layer:
    """One layer. `options` are the keyword arguments of the torch module for this `kind`.

    name: unique in its plan, and the prefix of the layer's weights. parameters: number of trainable values.
    multiply_adds: those of the matrix products for one example; elementwise layers count 0.
    branches: the branches of a residual block, by name: plans whose outputs for the block's input are summed.
    gain: weights are initialised with Xavier's scheme and this gain, biases as 0; None for torch's own initialisation.
    """

    name: str
    kind: str
    options: tuple[tuple[str, Option], ...]
    output_shape: Shape
    parameters: int
    multiply_adds: int
    branches: tuple[tuple[str, "Plan"], ...] = ()
    gain: float | None = None


@dataclass(frozen=True)
class Plan:
    """Layers in sequence. Each method returns a new plan with one more layer at its end.

    classes: length of the class vector at the end of the input, which conditional layers receive too; 0 for none.
    spectral_norm: whether weights are divided by their largest singular value before use.
    """

    input_shape: Shape
    layers: tuple[Layer, ...] = ()
    classes: int = 0
    spectral_norm: bool = False

    @property
    def output_shape(self) -> Shape:
        return self.layers[-1].output_shape if self.layers else self.input_shape

    @property
    def has_blocks(self) -> bool:
        """Whether it contains residual blocks, with layers inside."""
        return any(layer.branches for layer in self.layers)

    @property
    def leaves(self) -> Iterator[tuple[str, Layer]]:
        """Every layer with its path, such as "up_block_1.main.conv2d_2"; a residual block as the layers inside it."""
        for layer in self.layers:
            if not layer.branches:
                yield layer.name, layer
            for branch, plan in layer.branches:
                yield from ((f"{layer.name}.{branch}.{path}", leaf) for path, leaf in plan.leaves)

    @property
    def parameters(self) -> int:
        """Number of trainable values in the network."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds of one forward pass with one example."""
        return sum(layer.multiply_adds for layer in self.layers)

    def linear(self, features: int, *, bias: bool = True, gain: float | None = None) -> "Plan":
        """(in,) -> (features,)."""
        (inputs,) = self.output_shape
        return self._with(
            "linear",
            (features,),
            parameters=(inputs + bias) * features,
            multiply_adds=inputs * features,
            gain=gain,
            in_features=inputs,
            out_features=features,
            bias=bias,
        )

    def conv2d(
        self,
        channels: int,
        *,
        kernel: int,
        stride: int = 1,
        padding: int = 0,
        bias: bool = True,
        gain: float | None = None,
    ) -> "Plan":
        """(C, H, W) -> (channels, H', W') with H' = ⌊(H + 2·padding − kernel) / stride⌋ + 1, and W' likewise."""
        inputs, *sides = self.output_shape
        height, width = ((side + 2 * padding - kernel) // stride + 1 for side in sides)
        return self._with(
            "conv2d",
            (channels, height, width),
            parameters=(inputs * kernel**2 + bias) * channels,
            multiply_adds=inputs * kernel**2 * channels * height * width,
            gain=gain,
            in_channels=inputs,
            out_channels=channels,
            kernel_size=kernel,
            stride=stride,
            padding=padding,
            bias=bias,
        )

    def conv_transpose2d(self, channels: int, *, kernel: int, stride: int, padding: int, bias: bool = True) -> "Plan":
        """(C, H, W) -> (channels, H', W') with H' = (H − 1)·stride − 2·padding + kernel, and W' likewise."""
        inputs, *sides = self.output_shape
        height, width = ((side - 1) * stride - 2 * padding + kernel for side in sides)
        return self._with(
            "conv_transpose2d",
            (channels, height, width),
            parameters=(inputs * kernel**2 * channels) + bias * channels,
            multiply_adds=inputs * kernel**2 * channels * prod(sides),
            in_channels=inputs,
            out_channels=channels,
            kernel_size=kernel,
            stride=stride,
            padding=padding,
            bias=bias,
        )

    def batch_norm(self) -> "Plan":
        """Batch normalization of each feature (features,) or of each channel (C, H, W), with scale and shift.

        In a plan with a class vector, that vector selects scale and shift: Dumoulin et al. 2017 (arXiv 1610.07629), de
        Vries et al. 2017 (arXiv 1707.00683).
        """
        features = self.output_shape[0]
        if self.classes:
            weights = 2 * self.classes * features
            return self._with(
                "conditional_batch_norm",
                self.output_shape,
                parameters=weights,
                multiply_adds=weights,
                num_features=features,
                classes=self.classes,
            )
        kind = "batch_norm1d" if len(self.output_shape) == 1 else "batch_norm2d"
        return self._with(kind, self.output_shape, parameters=2 * features, num_features=features)

    def leaky_relu(self, slope: float) -> "Plan":
        return self._with("leaky_relu", self.output_shape, negative_slope=slope)

    def relu(self) -> "Plan":
        return self._with("relu", self.output_shape)

    def tanh(self) -> "Plan":
        return self._with("tanh", self.output_shape)

    def sigmoid(self) -> "Plan":
        return self._with("sigmoid", self.output_shape)

    @property
    def end(self) -> End | None:
        """The function that bounds the output; None if the last layer that changes values is another."""
        last = self._bounding
        return None if last is None else "tanh" if self.layers[last].kind == "tanh" else "sigmoid"

    def ending_in(self, end: End) -> "Plan":
        """This plan with another function in the place of the one that bounds its output, if one does."""
        last = self._bounding
        if last is None or self.layers[last].kind == end:
            return self
        number = 1 + sum(layer.kind == end for layer in self.layers[:last])
        bounded = replace(self.layers[last], name=f"{end}_{number}", kind=end)
        return replace(self, layers=(*self.layers[:last], bounded, *self.layers[last + 1 :]))

    @property
    def _bounding(self) -> int | None:
        """The place of the function that bounds the output; layers after it only change the shape."""
        for place in reversed(range(len(self.layers))):
            if self.layers[place].kind in ("tanh", "sigmoid"):
                return place
            if self.layers[place].kind not in ("flatten", "unflatten"):
                return None
        return None

    def dropout(self, probability: float) -> "Plan":
        """Set each value to 0 with this probability during training; the identity in eval mode."""
        return self._with("dropout", self.output_shape, p=probability)

    def flatten(self) -> "Plan":
        """(C, H, W) -> (C·H·W,)."""
        return self._with("flatten", (prod(self.output_shape),))

    def unflatten(self, shape: Shape) -> "Plan":
        """(features,) -> `shape`, which must have as many elements."""
        return self._with("unflatten", shape, dim=1, unflattened_size=shape)

    def upsample(self) -> "Plan":
        """(C, H, W) -> (C, 2H, 2W): nearest neighbour."""
        channels, height, width = self.output_shape
        return self._with("upsample", (channels, 2 * height, 2 * width), scale_factor=2)

    def avg_pool2d(self) -> "Plan":
        """(C, H, W) -> (C, ⌊H/2⌋, ⌊W/2⌋): the mean of every 2×2 pixels."""
        channels, height, width = self.output_shape
        return self._with("avg_pool2d", (channels, height // 2, width // 2), kernel_size=2)

    def global_pool(self, mode: str) -> "Plan":
        """(C, H, W) -> (C,): the "sum" or the "mean" of every channel."""
        return self._with("global_pool", self.output_shape[:1], mode=mode)

    def self_attention(self) -> "Plan":
        """(C, H, W) -> the same shape: every position attends to all others, Zhang et al. 2019 (arXiv 1805.08318)."""
        channels, *sides = self.output_shape
        inner, positions = max(1, channels // ATTENTION_RATIO), prod(sides)
        return self._with(
            "self_attention",
            self.output_shape,
            parameters=4 * channels * inner + 1,
            multiply_adds=4 * channels * inner * positions + 2 * positions**2 * inner,
            channels=channels,
            inner=inner,
        )

    def class_embedding(self, size: int) -> "Plan":
        """Noise and class vector (in,) -> noise and embedding (in − classes + size,); must be the first layer of its
        plan."""
        (inputs,) = self.output_shape
        weights = self.classes * size
        return self._with(
            "class_embedding",
            (inputs - self.classes + size,),
            parameters=weights,
            multiply_adds=weights,
            classes=self.classes,
            embedding_dim=size,
        )

    def projection(self, classes: int, *, gain: float | None = None) -> "Plan":
        """Features (in,) and labels -> one score (1,), Miyato & Koyama 2018 (arXiv 1802.05637)."""
        (features,) = self.output_shape
        return self._with(
            "projection",
            (1,),
            parameters=(features + 1) + classes * features,
            multiply_adds=2 * features,
            gain=gain,
            in_features=features,
            classes=classes,
        )

    def branch(self) -> "Plan":
        """An empty plan that starts at this one's output, for one branch of a residual block."""
        return Plan(self.output_shape, classes=self.classes)

    def residual(self, kind: str, main: "Plan", shortcut: "Plan") -> "Plan":
        """A block of two branches whose outputs are added, He et al. 2015 (arXiv 1512.03385). kind: the name of the
        block."""
        assert main.output_shape == shortcut.output_shape, (main.output_shape, shortcut.output_shape)
        return self._with(
            kind,
            main.output_shape,
            parameters=main.parameters + shortcut.parameters,
            multiply_adds=main.multiply_adds + shortcut.multiply_adds,
            branches=(("main", main), ("shortcut", shortcut)),
        )

    def _with(
        self,
        kind: str,
        output_shape: Shape,
        parameters: int = 0,
        multiply_adds: int = 0,
        branches: tuple[tuple[str, "Plan"], ...] = (),
        gain: float | None = None,
        **options: Option,
    ) -> "Plan":
        number = 1 + sum(layer.kind == kind for layer in self.layers)
        name, chosen = f"{kind}_{number}", tuple(options.items())
        layer = Layer(name, kind, chosen, output_shape, parameters, multiply_adds, branches, gain)
        return replace(self, layers=(*self.layers, layer))

"""A network before it is built: records of its layers with their shapes, parameters and multiply-adds.

    Plan((100,)).linear(128).leaky_relu(0.2).linear(784).unflatten((1, 28, 28)).tanh()

A plan serves the checks of a workflow and the table in the sidebar without torch; `build.py` makes the network from it.
Shapes leave out the batch axis: (features,) or (channels, height, width).
"""

from dataclasses import dataclass, replace
from math import prod

Shape = tuple[int, ...]
Option = int | float | bool | Shape


@dataclass(frozen=True)
class Layer:
    """One layer. `options` are the keywords of the torch module of this `kind`.

    name: unique in its plan, and the prefix of the layer's weights. parameters: trainable numbers.
    multiply_adds: of the matrix products for one example; layers that work element by element count 0.
    """

    name: str
    kind: str
    options: tuple[tuple[str, Option], ...]
    output_shape: Shape
    parameters: int
    multiply_adds: int


@dataclass(frozen=True)
class Plan:
    """Layers one after the other. Each method returns a new plan with one more layer at its end."""

    input_shape: Shape
    layers: tuple[Layer, ...] = ()

    @property
    def output_shape(self) -> Shape:
        return self.layers[-1].output_shape if self.layers else self.input_shape

    @property
    def parameters(self) -> int:
        """Trainable numbers of the whole network."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds of one forward pass with one example."""
        return sum(layer.multiply_adds for layer in self.layers)

    def linear(self, features: int, *, bias: bool = True) -> "Plan":
        """(in,) -> (features,)."""
        (inputs,) = self.output_shape
        return self._with(
            "linear",
            (features,),
            parameters=(inputs + bias) * features,
            multiply_adds=inputs * features,
            in_features=inputs,
            out_features=features,
            bias=bias,
        )

    def conv2d(self, channels: int, *, kernel: int, stride: int, padding: int, bias: bool = True) -> "Plan":
        """(C, H, W) -> (channels, H', W') with H' = ⌊(H + 2·padding − kernel) / stride⌋ + 1, and W' alike."""
        inputs, *sides = self.output_shape
        height, width = ((side + 2 * padding - kernel) // stride + 1 for side in sides)
        return self._with(
            "conv2d",
            (channels, height, width),
            parameters=(inputs * kernel**2 + bias) * channels,
            multiply_adds=inputs * kernel**2 * channels * height * width,
            in_channels=inputs,
            out_channels=channels,
            kernel_size=kernel,
            stride=stride,
            padding=padding,
            bias=bias,
        )

    def conv_transpose2d(self, channels: int, *, kernel: int, stride: int, padding: int, bias: bool = True) -> "Plan":
        """(C, H, W) -> (channels, H', W') with H' = (H − 1)·stride − 2·padding + kernel, and W' alike."""
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
        """Batch normalization of each feature (features,) or of each channel (C, H, W), with scale and shift."""
        features = self.output_shape[0]
        kind = "batch_norm1d" if len(self.output_shape) == 1 else "batch_norm2d"
        return self._with(kind, self.output_shape, parameters=2 * features, num_features=features)

    def leaky_relu(self, slope: float) -> "Plan":
        return self._with("leaky_relu", self.output_shape, negative_slope=slope)

    def relu(self) -> "Plan":
        return self._with("relu", self.output_shape)

    def tanh(self) -> "Plan":
        return self._with("tanh", self.output_shape)

    def dropout(self, probability: float) -> "Plan":
        """Each number becomes 0 with this probability while training, and is untouched in eval mode."""
        return self._with("dropout", self.output_shape, p=probability)

    def flatten(self) -> "Plan":
        """(C, H, W) -> (C·H·W,)."""
        return self._with("flatten", (prod(self.output_shape),))

    def unflatten(self, shape: Shape) -> "Plan":
        """(features,) -> `shape`, whose product is the number of features."""
        return self._with("unflatten", shape, dim=1, unflattened_size=shape)

    def _with(
        self, kind: str, output_shape: Shape, parameters: int = 0, multiply_adds: int = 0, **options: Option
    ) -> "Plan":
        number = 1 + sum(layer.kind == kind for layer in self.layers)
        layer = Layer(f"{kind}_{number}", kind, tuple(options.items()), output_shape, parameters, multiply_adds)
        return replace(self, layers=(*self.layers, layer))

"""Pictures of a denoiser's update: what each stage made, as images that people can read.

In pixels, everything is shown as an image, cut off at black and white; predictions at half contrast, since their values
go further. Latents are shown decoded, and in false colours:
their first three channels as red, green and blue. Noise and predictions are in false colours only, since what they
decode to means nothing.
"""

from collections.abc import Sequence

from torch import Tensor
from torch.nn.functional import interpolate

from pipeline.data.images import from_signed
from pipeline.families.diffusion.latents import decode_latents
from pipeline.families.diffusion.parts import DenoisingPart
from pipeline.training.stages import Made, Pictures
from pipeline.training.state import TrainState

SHOWN = 24
"""Images of a batch that have a picture."""
COLOURS_END = 2.5
"""Latents of this size have full colours; of a normal distribution, 1 in 80 values is larger."""


class DenoiserPictures:
    """The pictures of each stage, by methods that fit `Operation.pictures`."""

    def __init__(self, objective: DenoisingPart) -> None:
        self._classes = objective.denoiser.classes
        self._images = objective.denoiser.images
        self._latents = objective.denoiser.latents
        self._signal, self._noise = objective.noising.signal, objective.noising.noise

    def encoded(self, state: TrainState, made: Made) -> Pictures:
        return Pictures({"image": made["real"][:SHOWN], **self._pair("latent", state, made["latents"])})

    def labelled(self, state: TrainState, made: Made) -> Pictures:
        labels = made["labels"][:SHOWN].tolist()
        names = ["no class" if label == self._classes else f"class {label}" for label in labels]
        return Pictures({"image": made["real"][:SHOWN]}, labels=names)

    def timed(self, state: TrainState, made: Made) -> Pictures:
        return Pictures({"image": made["real"][:SHOWN]}, {"time": made["times"]}, _times(made))

    def noise(self, state: TrainState, made: Made) -> Pictures:
        return Pictures(self._plain("noise", made["noise"]))

    def mixed(self, state: TrainState, made: Made) -> Pictures:
        times = made["times"]
        shares = {"image share": self._signal(times), "noise share": self._noise(times)}
        name = "noisy latent" if self._latents else "noisy image"
        return Pictures(self._pair(name, state, made["noisy"]), {"time": times, **shares}, _times(made))

    def predicted(self, state: TrainState, made: Made) -> Pictures:
        name = "noisy latent" if self._latents else "noisy image"
        rows = {
            **self._decoded(name, state, made["noisy"]),
            **self._target("prediction", made["predicted"]),
            **self._decoded("estimate of the image", state, made["estimates"]),
            "image": made["real"][:SHOWN],
        }
        return Pictures(rows, labels=_times(made))

    def compared(self, state: TrainState, made: Made) -> Pictures:
        losses = made["weights"] * made["errors"]
        numbers = {
            "time": made["times"],
            "loss": losses,
            "error": made["errors"],
            "weight": made["weights"],
            "SNR": made["snr"],
        }
        rows = {**self._target("prediction", made["predicted"]), **self._target("target", made["target"])}
        return Pictures(
            rows, numbers, [f"{loss:.3f}" if loss < 100 else f"{loss:.3g}" for loss in losses[:SHOWN].tolist()]
        )

    def _pair(self, name: str, state: TrainState, learned: Tensor) -> dict[str, Tensor]:
        """What the denoiser sees, in false colours too if it is latents."""
        colours = self._plain(name, learned) if self._latents else {}
        return {**colours, **self._decoded(name, state, learned)}

    def _decoded(self, name: str, state: TrainState, learned: Tensor) -> dict[str, Tensor]:
        """As images, which latents are only when decoded."""
        if self._latents:
            return {f"{name}, decoded": decode_latents(state.networks_of("ema"), learned[:SHOWN], self._images.values)}
        return {name: self._shown(learned)}

    def _plain(self, name: str, learned: Tensor) -> dict[str, Tensor]:
        """As they are: as images, or latents in false colours."""
        if self._latents:
            colours = false_colours(learned[:SHOWN], self._images.train.shape[1:])
            return {f"{name}, in false colours": from_signed(colours, self._images.values)}
        return {name: self._shown(learned)}

    def _target(self, name: str, predicted: Tensor) -> dict[str, Tensor]:
        """What is predicted: noise and image mixed."""
        return (
            self._plain(name, predicted) if self._latents else {f"{name}, at half contrast": self._shown(predicted / 2)}
        )

    def _shown(self, learned: Tensor) -> Tensor:
        return from_signed(learned[:SHOWN].clamp(-1, 1), self._images.values)


def false_colours(latents: Tensor, size: Sequence[int]) -> Tensor:
    """Latents (N, C, h, w) -> pictures (N, 1 or 3, H, W) in [-1, 1] of this size, with a square for each place: their
    first three channels as red, green and blue, or one as grey."""
    channels = latents if latents.shape[1] == 1 else latents[:, :3]
    if channels.shape[1] == 2:
        channels = channels[:, (0, 1, 1)]
    return interpolate((channels.float() / COLOURS_END).clamp(-1, 1), size=tuple(size), mode="nearest")


def time_of(made: Made, row: int) -> str:
    """When this image of the batch was noised, for `Update.image_facts`."""
    return f"at time {made['times'][row].item():.3g}" if "times" in made else ""


def _times(made: Made) -> list[str]:
    return [f"t {time:.2f}" for time in made["times"][:SHOWN].tolist()]

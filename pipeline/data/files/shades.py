"""Which stored values become black and white: one rule for picture files and arrays, and one scale for a whole source.

    as stored      by the values: masks of 0 and 1, floats of 0 to 1 or -1 to 1, 8 bits (also kept in more), 16 bits
    full           0 to the largest number that the type can hold; 0 to 1 for floats
    largest value  0 (or the smallest value, if it is negative) to the largest value found
    percentiles    the values that 0.5% and 99.5% of all values do not exceed
    12 bits, …     0 to 4,095, …

Values outside become black or white. 8-bit pictures are always taken as they are, except as masks of 0 and 1, by
largest value and by percentiles. The rule looks at the numbers alone: the same numbers give the same image in every
type. Values of 10, 12 or 14 bits in 16 cannot be told from dark 16-bit images, so they are left dark, with a warning.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pipeline.data.files.value_counts import LIMITS, CountsByKind, ValueCounts
from pipeline.errors.data import UnusableSource

Shades = Literal[
    "as stored", "full", "largest value", "percentiles", "8 bits", "10 bits", "12 bits", "14 bits", "16 bits"
]
STRETCHED: tuple[Shades, ...] = ("largest value", "percentiles")
"""Choices that also change 8-bit images."""

EIGHT, WHOLE, REAL = "8-bit shades", "numbers of more than 8 bits", "floating-point numbers"
"""Kinds of stored values; each kind in a source has one scale."""

LOW, HIGH = 0.005, 0.995
"""The percentiles, as shares of all values."""

OVERSHOOT = 0.25
"""How far, in shares of white, resizing (bicubic, Lanczos) may carry values beyond black and white."""

BULK = 0.99
"""Share of the values (without zeros) that must fit a scale for the others to count as strays."""

FAR, MOST_FAR = 0.1, 0.01
"""A warning is due if more than this share (the second) lies further outside than this share of the range (the
first)."""

PARAMETER = "the parameter shades of the data node"


@dataclass(frozen=True)
class Scale:
    """Values from black to white become the shades 0 to 255, evenly; those outside become black or white.

    words: the scale as a sentence for people. notes, warnings: sentences about how it was chosen.
    """

    black: float
    white: float
    words: str = ""
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    _table: list[NDArray[np.uint8]] = field(default_factory=list, compare=False, repr=False)
    """The shade of each 16-bit number, once it was needed."""

    def shades(self, values: NDArray[np.generic]) -> NDArray[np.uint8]:
        """The shades of finite values, in the same shape."""
        if values.dtype.kind == "u" and values.dtype.itemsize <= 2:
            if not self._table:
                self._table.append(self._computed(np.arange(1 << 16)))
            found: NDArray[np.uint8] = self._table[0][values]
            return found
        return self._computed(values)

    def image(self, image: Image.Image) -> Image.Image:
        """An 8-bit image (L or RGB) with this scale."""
        return Image.fromarray(self.shades(np.asarray(image)))

    def _computed(self, values: NDArray[np.generic]) -> NDArray[np.uint8]:
        # 64 bits, so that every type of number comes to the same shade.
        found = values.astype(np.float64)
        # Clipped first: the difference of two huge numbers might be infinite.
        np.clip(found, self.black, self.white, out=found)
        width = self.white - self.black
        if np.isinf(width):
            found, width = found / 2 - self.black / 2, self.white / 2 - self.black / 2
        else:
            found -= self.black
        found /= width
        found *= 255
        return np.clip(np.rint(found), 0, 255).astype(np.uint8)


Scales = Mapping[str, Scale]
"""The scale of each kind of values in a source. Kinds without one are 8-bit shades, taken as they are."""


def as_image(stored: Image.Image | NDArray[np.generic], scales: Scales) -> Image.Image:
    """A picture of a source in mode L or RGB. stored: its 8-bit image, or its numbers (height, width, channels)."""
    if isinstance(stored, Image.Image):
        return scales[EIGHT].image(stored) if EIGHT in scales else stored
    colours = stored[..., :3]
    shades = scales[kind_of(stored.dtype)].shades(colours)
    if stored.shape[2] != 4:
        return Image.fromarray(shades[..., 0] if shades.shape[2] == 1 else shades)
    opacity = Image.fromarray(_opacity(stored[..., 3]))
    white = Image.new("RGB", opacity.size, "white")
    white.paste(Image.fromarray(shades), mask=opacity)
    return white


def needs_scale(stored: Image.Image | NDArray[np.generic], scales: Scales) -> bool:
    """Whether a picture has more than 8 bits, and a kind of values whose scale is not known."""
    return not isinstance(stored, Image.Image) and kind_of(stored.dtype) not in scales


def count_image(stored: Image.Image | NDArray[np.generic], counts: CountsByKind) -> None:
    """Count the values of a picture, without its opacity. stored: as for `as_image`."""
    if isinstance(stored, Image.Image):
        counts.add_histogram(EIGHT, np.array(stored.histogram()).reshape(-1, 256).sum(axis=0))
    else:
        counts.add(kind_of(stored.dtype), stored[..., :3])


def _opacity(alpha: NDArray[np.generic]) -> NDArray[np.uint8]:
    """The opacity of each pixel, 0 to 255: in the smallest usual range that its values fit."""
    largest = float(alpha.max())
    return Scale(0.0, next((limit for limit in LIMITS if largest <= limit), max(1.0, largest))).shades(alpha)


def kind_of(dtype: np.dtype[np.generic]) -> str:
    """The kind of values of this type of number."""
    if dtype in (np.uint8, np.bool_):
        return EIGHT
    return REAL if dtype.kind == "f" else WHOLE


def scales_of(counts: Mapping[str, ValueCounts], choice: Shades, where: str) -> Scales:
    """The scale of each kind of values. counts: all values of the source. where: names the source in messages.

    Raises UnusableSource if no scale can be meant, such as for numbers far below 0.
    """
    found = {kind: _scale(each, choice, kind, where) for kind, each in counts.items() if each.count}
    return {kind: scale for kind, scale in found.items() if scale is not None}


def scale_sentence(scales: Scales) -> str:
    """The scales as one text; "" if there are none."""
    sentences = list(dict.fromkeys(scale.words for scale in scales.values() if scale.words))
    if len(sentences) < 2:
        return "".join(sentences)
    return " ".join(f"{scale.words.removesuffix('.')} (of {kind})." for kind, scale in scales.items() if scale.words)


def _scale(counts: ValueCounts, choice: Shades, kind: str, where: str) -> Scale | None:
    match choice:
        case "largest value":
            return _from_to(counts, min(0.0, counts.smallest), counts.largest, "by the largest value")
        case "percentiles":
            black, white = counts.quantile(LOW), counts.quantile(HIGH)
            if black == white:
                # Nearly all values are the same one.
                black, white = counts.smallest, counts.largest
            return _from_to(counts, black, white, "by percentiles", outside=False)
        case "as stored":
            return _mask(counts) if kind == EIGHT else _as_stored(counts, where)
    if kind == EIGHT:
        return None
    if choice == "full":
        white = 1.0 if kind == REAL else float(2**counts.bits - 1)
        return _from_to(counts, 0.0, white, "the full range of the type")
    return _from_to(counts, 0.0, float(2 ** int(choice.split()[0]) - 1), choice)


def _mask(counts: ValueCounts) -> Scale | None:
    """The scale of 8-bit images that are 0 and 1 throughout."""
    return _masks(counts) if counts.largest == 1 else None


def _as_stored(counts: ValueCounts, where: str) -> Scale:
    low, high = counts.smallest, counts.largest
    if counts.whole and low >= 0 and high == 1:
        return _masks(counts)
    large_whole = counts.whole and high > 1
    # What lies this far below 0 is no overshoot: 0 is not black.
    if low < 0 and counts.share_outside(-OVERSHOOT * max(high, 0), np.inf, of_zeros=False) > 1 - BULK:
        if counts.share_outside(-1 - OVERSHOOT, 1 + OVERSHOOT) <= 1 - BULK and low < -OVERSHOOT and not large_whole:
            return _symmetric(counts)
        raise _unknown(counts, where)
    if not large_whole and counts.share_outside(-np.inf, 1 + OVERSHOOT, of_zeros=False) <= 1 - BULK:
        return _from_to(counts, 0.0, 1.0, "as stored")
    few = counts.share_outside(-np.inf, 255, of_zeros=False) <= 1 - BULK
    if high <= 255 or (high <= 255 * (1 + OVERSHOOT) and (few or not counts.whole)):
        return _eight_bits(counts)
    if counts.share_outside(-np.inf, 65_535 * (1 + OVERSHOOT), of_zeros=False) > 1 - BULK:
        raise _unknown(counts, where)
    return _sixteen_bits(counts)


def _unknown(counts: ValueCounts, where: str) -> UnusableSource:
    return UnusableSource(
        where,
        f"its values range from {_number(counts.smallest)} to {_number(counts.largest)}, which may mean any shades",
        f"Set {PARAMETER} to 'largest value' or 'percentiles'.",
    )


def _masks(counts: ValueCounts) -> Scale:
    note = f"All stored values are 0 or 1, so 1 became white; {PARAMETER} sets another range."
    return _from_to(counts, 0.0, 1.0, "masks of 0 and 1", notes=[note])


def _symmetric(counts: ValueCounts) -> Scale:
    warnings = []
    if max(-counts.smallest, counts.largest) <= 0.6:
        warnings.append(
            f"The values range only from {_number(counts.smallest)} to {_number(counts.largest)} where -1 is black and "
            f"1 is white, so the images have little contrast. Set {PARAMETER} to 'largest value'."
        )
    return _from_to(counts, -1.0, 1.0, "as stored", warnings=warnings)


def _eight_bits(counts: ValueCounts) -> Scale:
    notes, warnings = list[str](), list[str]()
    if counts.whole:
        notes.append(
            f"The stored values are at most {_number(counts.largest)}, so they were read as 8 bits kept in a larger "
            f"type; {PARAMETER} sets another range."
        )
    elif counts.largest <= 64:
        warnings.append(
            f"The largest value is {_number(counts.largest)} where 255 is white, so the images are dark. If that is "
            f"not meant, set {PARAMETER} to 'largest value'."
        )
    return _from_to(counts, 0.0, 255.0, "8 bits", notes=notes, warnings=warnings)


def _sixteen_bits(counts: ValueCounts) -> Scale:
    warnings = []
    depth = next((bits for bits in (10, 12, 14) if counts.largest <= 2**bits - 1), 0)
    bulk = counts.quantile(1 - (1 - BULK) / 10)
    if depth:
        warnings.append(
            f"The largest value is {_number(counts.largest)} where 65,535 is white, so the images are dark. They "
            f"probably have {depth} bits: set {PARAMETER} to '{depth} bits'."
        )
    elif 0 < bulk <= 4_095:
        warnings.append(
            f"Nearly all values are at most {_number(bulk)} where 65,535 is white, so the images are dark. The largest "
            f"value is {_number(counts.largest)}. If dark images are not meant, set {PARAMETER} to 'percentiles' or "
            "a number of bits."
        )
    return _from_to(counts, 0.0, 65_535.0, "16 bits", warnings=warnings)


def _from_to(
    counts: ValueCounts,
    black: float,
    white: float,
    reason: str,
    *,
    outside: bool = True,
    notes: Sequence[str] = (),
    warnings: Sequence[str] = (),
) -> Scale:
    """The scale from black to white. outside: whether values outside it are worth a word."""
    if not white > black:
        # Every value is the same. From 2^53 on, one more is the same number.
        white = max(black + 1, float(np.nextafter(black, np.inf)))
    words = f"Shades: {_number(black)} to {_number(white)} of the stored values became black to white ({reason})"
    said = list(warnings)
    if outside and (clipped := counts.above[white] + counts.below[black]):
        words += f"; {clipped:,} of {counts.count:,} values lay outside and were clipped"
        margin = FAR * (white - black)
        far = counts.share_outside(black - margin, white + margin)
        if far > MOST_FAR:
            said.append(
                f"{far:.0%} of the values lie outside {_number(black)} to {_number(white)} (they range from "
                f"{_number(counts.smallest)} to {_number(counts.largest)}) and were clipped. If that is not meant, set "
                f"{PARAMETER} to 'largest value' or 'percentiles'."
            )
    return Scale(black, white, f"{words}.", tuple(notes), tuple(said))


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) and abs(value) < 1e15 else f"{value:,.6g}"

"""Sequences of texts that are made when they are asked for: names in mapped files, captions in files of their own."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import overload


class LazyTexts(Sequence[str]):
    """N texts; subclasses say how many, and make each."""

    @abstractmethod
    def text(self, place: int) -> str:
        """Text number `place`, from 0 to N − 1."""

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        # A range knows what negative places and slices mean, and which places there are.
        chosen = range(len(self))[place]
        return [self.text(each) for each in chosen] if isinstance(chosen, range) else self.text(chosen)

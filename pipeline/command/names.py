"""The parser for names of runs, as an option of a command."""

from argparse import ArgumentTypeError

from pipeline.runs.workflows import LONGEST_NAME


def run_name(text: str) -> str:
    """A name of 1 to LONGEST_NAME visible characters, without spaces at its ends."""
    label = text.strip()
    if not 1 <= len(label) <= LONGEST_NAME or not label.isprintable():
        raise ArgumentTypeError(f"a name must have 1 to {LONGEST_NAME} visible characters")
    return label

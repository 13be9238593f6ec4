"""The words of the stages of this family."""

from pipeline.families.words import Words

WORDS = Words()

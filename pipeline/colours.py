"""Colours and dashes by name, as declarations of roles and series use them; `pages/` knows what they look like.

Each colour means the same on every page: green is real images, purple what makes images, blue what reads them, orange
objectives, brown optimizers, slate training, grey what is neutral. Amber and sky are free for further families.
A line also has a dash, so that colour is never alone.
"""

from typing import Literal

Colour = Literal["green", "purple", "blue", "orange", "brown", "slate", "grey", "amber", "sky"]
Dash = Literal["solid", "dashed", "dotted", "dash-dot"]

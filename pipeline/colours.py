"""Names of colours and dashes for declarations of roles and series; `pages/` maps them to actual colours.

A colour has the same meaning on every page: green for real images, purple for networks that make images, blue for
networks that read them, orange for objectives, brown for optimizers, slate for training, grey for anything neutral.
Amber and sky are free for further families. Lines also differ by dash, so that colour is never the only cue.
"""

from typing import Literal

Colour = Literal["green", "purple", "blue", "orange", "brown", "slate", "grey", "amber", "sky"]
Dash = Literal["solid", "dashed", "dotted", "dash-dot"]

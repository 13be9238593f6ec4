"""What a file that draws a run's images without Genscope has to contain, as the run's family declares it.

    Standalone(draw, {"dim": 64, "classes": 10})    draw(networks, streams, label, dim=64, classes=10)

The file gets the source of the function and of all that it uses from this package (`pipeline/standalone/`). So the
function says in few lines what the Sampler does, and uses the same small functions, but no parts of an Experiment.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor


@dataclass(frozen=True)
class Standalone:
    """A function, and the values of its keyword arguments.

    function: at the top level of its module. A Sampler's is called with the networks by role, the `Streams` of N images
    and the label of their class, None for each in turn; a Coding's with the networks and images (N, C, H, W). It
    returns images (N, C, H, W), all in the run's range of values.

    settings: numbers, strings, and objects whose `repr` makes an equal one from names in the module of their class, as
    that of a dataclass does.
    """

    function: Callable[..., Tensor]
    settings: Mapping[str, Any] = field(default_factory=dict)

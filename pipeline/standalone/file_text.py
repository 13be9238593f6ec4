"""The text of a standalone file: a docstring, the sources that it needs, the networks, and a command line."""

import ast
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill, indent
from typing import Any

from torch import nn

from pipeline.errors.training import UnwritableModel
from pipeline.standalone import script
from pipeline.standalone.excerpt import Excerpt
from pipeline.standalone.expressions import INDENT, WIDTH, laid_out, quoted
from pipeline.standalone.module_source import OWN, memory_format, module_expression
from pipeline.training.standalone import Standalone
from pipeline.training.streams import Streams

WEIGHTS_NAME = "model.pth"


@dataclass(frozen=True)
class Facts:
    """What the file says of itself.

    title: its first line. about: sentences on the run and its images. values: the range of pixel values. classes: names
    of the classes that can be asked for. threads: CPU threads.
    """

    title: str
    about: Sequence[str]
    values: str
    classes: Sequence[str]
    threads: int


def file_text(
    facts: Facts, networks: Mapping[str, nn.Module], drawing: Standalone, reconstructing: Standalone | None
) -> str:
    """The whole file. networks: by role. reconstructing: None if the run encodes no images.

    Raises UnwritableModel if a network or a setting cannot be written.
    """
    excerpt = Excerpt()
    methods = [
        _init(networks, excerpt),
        _method("draw", "streams: Streams, label: int | None = None", drawing, excerpt),
    ]
    if reconstructing:
        methods.append(_method("reconstruct", "images: Tensor", reconstructing, excerpt))
    for piece in (Streams, script.command_line):
        excerpt.add(piece)
    for line in ("import torch", "from pathlib import Path", "from torch import Tensor", "from torch import nn"):
        excerpt.need(line)
    return "\n".join(
        [
            *_docstring(facts, "reconstruct" if reconstructing else ""),
            "",
            excerpt.imports(),
            "",
            f"VALUES = {quoted(facts.values)}",
            f"CLASSES = {laid_out(repr(tuple(facts.classes)), before=10)}",
            f"THREADS = {facts.threads}",
            "",
            "",
            excerpt.text(),
            "",
            "",
            "# The networks of the run.",
            "",
            "",
            "class Model(nn.Module):",
            f'    """The networks of the run. Their weights are in {WEIGHTS_NAME}, under the names of their layers."""',
            "",
            "\n\n".join(indent(method, INDENT) for method in methods),
            "",
            "",
            'if __name__ == "__main__":',
            "    # As many threads as the run: the last bits of a sum may depend on their number.",
            "    torch.set_num_threads(THREADS)",
            f'    command_line(Model(), Path(__file__).with_name("{WEIGHTS_NAME}"), VALUES, CLASSES)',
            "",
        ]
    )


def _docstring(facts: Facts, reconstruct: str) -> list[str]:
    tried = [
        "python model.py --seed 0 --count 16 --out samples.png",
        *(["python model.py --reconstruct images.npy --out decoded.png"] if reconstruct else []),
        "",
        "from model import Model, VALUES, sample",
        "model = Model().eval()",
        f'model.load_state_dict(torch.load("{WEIGHTS_NAME}", weights_only=True))',
        "images = sample(model.draw, 16, VALUES, seed=0)  # uint8 (16, H, W, C)",
    ]
    paragraphs = [fill(sentence, WIDTH, break_on_hyphens=False) for sentence in facts.about]
    text = "\n\n".join([fill(facts.title, WIDTH - 3), *paragraphs, indent("\n".join(tried), INDENT)])
    # A name given by a user may hold what ends a docstring.
    safe = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return [f'"""{safe}', '"""']


def _init(networks: Mapping[str, nn.Module], excerpt: Excerpt) -> str:
    lines = ["def __init__(self) -> None:", "    super().__init__()"]
    for role, network in networks.items():
        if not role.isidentifier():
            raise UnwritableModel(f"its network {role!r} has a name that Python does not take")
        expression, used = module_expression(role, network)
        for piece in used:
            excerpt.add(piece)
        if "OrderedDict(" in expression:
            excerpt.need("from collections import OrderedDict")
        lines.append(indent(f"self.{role} = {expression}{memory_format(network)}", INDENT))
        lines += [
            f"{INDENT}self.{role}.register_buffer({quoted(name)}, torch.zeros({tuple(buffer.shape)}))"
            for name, buffer in network.named_buffers(recurse=False)
        ]
    return "\n".join(lines)


def _method(name: str, given: str, call: Standalone, excerpt: Excerpt) -> str:
    """A method that calls the declared function with the networks and its settings."""
    function = excerpt.add(call.function)
    names = [word.split(":")[0].strip() for word in given.split(",")]
    arguments = [
        "dict(self.named_children())",
        *names,
        *(f"{key}={_written(value, excerpt)}" for key, value in call.settings.items()),
    ]
    words = " ".join((call.function.__doc__ or "").split())
    summary = words.split(". ")[0].rstrip(".")
    # Never on one line, so that every setting has its own.
    call_text = laid_out(f"{function}({', '.join(arguments)})", before=WIDTH, level=1)
    doc = fill(f'"""{summary}."""', WIDTH - 2 * len(INDENT), break_on_hyphens=False)
    return f"def {name}(self, {given}) -> Tensor:\n{indent(doc, INDENT)}\n{INDENT}return {call_text}"


def _written(value: Any, excerpt: Excerpt) -> str:
    """The expression of a setting, with the pieces that it needs added. Raises UnwritableModel."""
    text = repr(value)
    try:
        names = {node.id for node in ast.walk(ast.parse(text, mode="eval")) if isinstance(node, ast.Name)}
    except SyntaxError:
        raise UnwritableModel(f"a setting of its sampler, {type(value).__name__}, cannot be written") from None
    homes = _homes(value)
    for name in sorted(names):
        home = next((home for home in homes if name in vars(sys.modules[home])), None)
        if home is None:
            raise UnwritableModel(f"a setting of its sampler needs {name}, which is not known")
        excerpt.add_name(name, home)
    return text


def _homes(value: Any) -> list[str]:
    """The modules in which the names of a setting are looked up: those of its class and of its fields' classes."""
    inside = vars(value).values() if hasattr(value, "__dict__") else ()
    own = [type(value).__module__] if type(value).__module__.startswith(OWN) else []
    return [*own, *(home for each in inside for home in _homes(each))]

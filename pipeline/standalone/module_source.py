"""The Python expression that makes a network, layer by layer.

    Network({
        "linear_1": nn.Linear(64, 128),
        "tanh_1": nn.Tanh(),
    })

A layer of torch is written as its class and its `extra_repr`, a module of this package as its class and what its method
`made_with` returns: the arguments that it was made with. So no architecture needs to be known here. Whether the
expression makes the same network is tried by whoever writes a file (`writing.py`).
"""

import ast
import inspect
from collections.abc import Iterator

import torch
from torch import nn
from torch.nn.utils.parametrize import is_parametrized, type_before_parametrizations

from pipeline.errors.training import UnwritableModel
from pipeline.models.modules import Chain, Network, Residual
from pipeline.models.spectral import NORMALIZED, with_spectral_norm
from pipeline.standalone.expressions import INDENT, laid_out

OWN = "pipeline."
"""The prefix of this package's modules, whose sources can be read and copied."""


def module_expression(role: str, network: nn.Module) -> tuple[str, set[type | object]]:
    """The expression that makes a network, whose later lines are indented by one more level each, and the classes and
    functions of this package that it calls.

    Spectral normalization is written around the whole network, if all its weights are normalized. Raises
    UnwritableModel for a class that is neither torch's nor of this package.
    """
    used: set[type | object] = set()
    text = "\n".join(_lines(role, network, used))
    if any(is_parametrized(layer) for layer in network.modules()):
        plain = [layer for layer in network.modules() if isinstance(layer, NORMALIZED) and not is_parametrized(layer)]
        if plain:
            raise UnwritableModel(f"only some of the weights of its {role} are spectrally normalized")
        used.add(with_spectral_norm)
        text = f"with_spectral_norm({text}, seed=0)"
    return text, used


def memory_format(network: nn.Module) -> str:
    """ ".to(memory_format=…)" if the network's convolutions are stored with their channels last, which decides how
    they round; otherwise ""."""
    weights = [each for each in network.parameters() if each.ndim == 4]
    last = any(each.stride() != torch.empty(each.shape, device="meta").stride() for each in weights)
    return ".to(memory_format=torch.channels_last)" if last else ""


def _lines(role: str, module: nn.Module, used: set[type | object]) -> Iterator[str]:
    """The lines of the expression; nested ones are indented."""
    kind = type_before_parametrizations(module)
    if kind in (Network, Chain, Residual, nn.Sequential):
        yield from _container(role, module, kind, used)
    elif getattr(nn, kind.__name__, None) is kind:
        yield f"nn.{_call(kind, module)}"
    elif kind.__module__.startswith(OWN):
        used.add(kind)
        yield _call(kind, module)
    else:
        raise UnwritableModel(
            f"its {role} has a layer of the class {kind.__qualname__}, which is neither torch's nor Genscope's own"
        )


def _container(role: str, module: nn.Module, kind: type[nn.Module], used: set[type | object]) -> Iterator[str]:
    name = "nn.Sequential" if kind is nn.Sequential else kind.__name__
    if kind is not nn.Sequential:
        used.add(kind)
    children = dict(module.named_children())
    numbered = kind is nn.Sequential and list(children) == [str(number) for number in range(len(children))]
    # torch's own containers take names in an OrderedDict only.
    opened, closed = (
        ("(", ")") if numbered else ("({", "}") if kind in (Network, Residual) else ("(OrderedDict({", "})")
    )
    yield f"{name}{opened}"
    for key, child in children.items():
        first, *others = _lines(role, child, used)
        lines = [first if numbered else f'"{key}": {first}', *others]
        lines[-1] += ","
        yield from (INDENT + line for line in lines)
    classes = f", classes={module.classes}" if isinstance(module, Network) and module.classes else ""
    yield closed if numbered else f"{closed}{classes})"


def _call(kind: type[nn.Module], module: nn.Module) -> str:
    """A class with what its module was made with, without what is its default anyway."""
    written = getattr(module, "made_with", module.extra_repr)()
    try:
        call = ast.parse(f"{kind.__name__}({written})", mode="eval").body
    except SyntaxError:
        raise UnwritableModel(f"its layer {kind.__qualname__} does not say what it was made with") from None
    assert isinstance(call, ast.Call)
    defaults = inspect.signature(kind).parameters
    keywords = [
        keyword
        for keyword in map(_shorter, call.keywords)
        if not (keyword.arg and keyword.arg in defaults and _is(keyword.value, defaults[keyword.arg].default))
    ]
    return laid_out(ast.unparse(ast.Call(call.func, call.args, keywords)))


def _shorter(keyword: ast.keyword) -> ast.keyword:
    """kernel_size=(3, 3) as kernel_size=3: layers of torch take both, and their defaults are numbers."""
    if keyword.arg in ("kernel_size", "stride", "padding", "dilation") and isinstance(keyword.value, ast.Tuple):
        texts = {ast.unparse(each) for each in keyword.value.elts}
        if len(texts) == 1:
            return ast.keyword(keyword.arg, keyword.value.elts[0])
    return keyword


def _is(value: ast.expr, default: object) -> bool:
    try:
        found = ast.literal_eval(value)
    except ValueError:
        return False
    return type(found) is type(default) and found == default

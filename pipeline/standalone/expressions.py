"""The look of written expressions: double quotes, and one argument per line where a line would be too long."""

import ast
from io import StringIO
from tokenize import STRING, generate_tokens

WIDTH = 120
INDENT = "    "


def laid_out(text: str, *, before: int = 0, level: int = 0) -> str:
    """An expression as it is written in a file: on one line if that is short enough, else one argument or item a line.

    before: characters on its first line before it. level: indentation of that line. Later lines are indented.
    """
    return _lay(ast.parse(text, mode="eval").body, before, level)


def quoted(text: str) -> str:
    """A string as a literal."""
    return _double_quoted(repr(text))


def _lay(node: ast.expr, before: int, level: int) -> str:
    short = _double_quoted(ast.unparse(node))
    # One more character for the comma after it.
    if before + len(short) < WIDTH:
        return short
    inner, outer = INDENT * (level + 1), INDENT * level
    match node:
        case ast.Call(func=func, args=args, keywords=keywords):
            items = [("", each) for each in args] + [(f"{each.arg}=", each.value) for each in keywords]
            opened, closed = f"{ast.unparse(func)}(", ")"
        case ast.Tuple(elts=elements):
            items, opened, closed = [("", each) for each in elements], "(", ")"
        case _:
            return short
    lines = [f"{inner}{key}{_lay(value, len(inner) + len(key), level + 1)},\n" for key, value in items]
    return f"{opened}\n{''.join(lines)}{outer}{closed}"


def _double_quoted(text: str) -> str:
    """Source of one line with its plain strings in double quotes."""
    pieces, at = [], 0
    for kind, token, (_, start), (_, end), _ in generate_tokens(StringIO(text).readline):
        if kind == STRING and token[0] == "'" and not set('"\\') & set(token):
            pieces += [text[at:start], f'"{token[1:-1]}"']
            at = end
    return "".join([*pieces, text[at:]])

"""How written expressions look."""

import ast

from pipeline.standalone.expressions import WIDTH, laid_out, quoted


def test_a_short_expression_stays_on_one_line_in_double_quotes():
    assert laid_out("f(x, 'a', n=[1,2])") == 'f(x, "a", n=[1, 2])'
    assert quoted('she said "no"') == "'she said \"no\"'"


def test_a_long_call_has_one_argument_a_line_and_means_the_same():
    text = f"Outer(first=Inner({', '.join(f'name_{number}={number}' for number in range(20))}), second={tuple('abc')})"
    shown = laid_out(text, level=1)
    assert all(len(line) <= WIDTH for line in shown.splitlines())
    assert shown.splitlines()[1:3] == ["        first=Inner(", "            name_0=0,"]
    assert ast.dump(ast.parse(shown)) == ast.dump(ast.parse(text))

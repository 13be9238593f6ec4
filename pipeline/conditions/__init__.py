"""The expression language of breakpoints and watches: `x > 0.95 and mean(y, 100) < 1e-3`.

    expression.py   begin here: `parse` makes a text an Expression, or refuses it in a sentence
    armed.py        a condition watched step by step
    grammar.py      what may be written: tokens become terms
    tokens.py       a text cut into numbers, names and symbols
    number_terms.py      the terms that are numbers, each with its meaning
    boolean_terms.py       the terms that are true or false, each with its meaning
    term.py         what every term answers
    rolling_mean.py        the mean over the last n steps, one step at a time and all at once

An expression is made of metrics by name, `step`, numbers, + - * /, comparisons (also chained: 0.4 < x < 0.6),
and, or, not, brackets, and of abs(x), isnan(x), min(x, y, …), max(x, y, …) and mean(x, n): the mean of x over the last
n steps. They bind as they do in Python.

A metric is NaN at a step where it was not measured. Arithmetic, min and max with NaN give NaN; a comparison with NaN
is false (but != is true), as IEEE 754 has it; mean leaves NaN out, and is NaN where nothing else is there. isnan is
true of NaN only, not of infinity. `and` and `or` look at what stands after them only where it matters, so that
`y != 0 and x / y > 2` never divides by zero.

Nothing is evaluated by Python itself. Knows no torch and no run; may import `pipeline.errors` and numpy.
"""

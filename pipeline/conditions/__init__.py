"""The expression language of breakpoints and watches: `x > 0.95 and mean(y, 100) < 1e-3`.

    expression.py     start here: `parse` turns a text into an Expression
    armed.py          a condition evaluated step by step
    grammar.py        the parser: tokens become terms
    calls.py          the functions and their arguments
    tokens.py         the tokenizer: numbers, names and symbols
    number_terms.py   numeric terms and their evaluation
    boolean_terms.py  Boolean terms and their evaluation
    term.py           the interface of terms
    rolling_mean.py   the mean over the last n steps, step by step and over arrays

An expression consists of metrics by name, `step`, numbers, + - * /, comparisons (also chained: 0.4 < x < 0.6), and, or,
not, brackets, abs(x), isnan(x), min(x, y, …), max(x, y, …) and mean(x, n), the mean of x over the last n steps.
Precedence is as in Python.

What is measured at some steps only has, at every step, the latest value measured at or before it. A metric without a
value at a step is NaN. Arithmetic, min and max with NaN give NaN; a comparison with NaN is false (but != is true), as
in IEEE 754; mean ignores NaN, and is NaN if there is no other value. isnan is true for NaN only, not for infinity.
A metric of another phase of training is NaN too, but then nothing that depends on it holds, not even isnan.
`and` and `or` short-circuit, so `y != 0 and x / y > 2` never divides by zero.

Python itself evaluates nothing.
"""

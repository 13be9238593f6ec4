"""Hints from the curves of a run: what is going wrong, the numbers that show it, and what to change.

    rules.py      hints(history, rules): run every rule, most severe hint first
    hint.py       Hint, Suggestion and Rule
    history.py    the history of a run as rules read it, and how much of it they need
    facts.py      what is known about a run besides its curves
    gradients.py  rules for any family: non-finite or exploding gradients, dead units
    samples.py    rules for any family: samples lack diversity, get worse, or get worse while the loss falls
    recovery.py   the rule on diversity that was lost and came back
    improvement.py  rules on what would make better images: longer training, more images, larger networks
    rates.py      the rule on learning rates that are 0 by their schedules, for any family
    changes.py    rules on a loss that leaves its range after a live change or a fork
    averages.py   the rule on averaged weights that are too young
    images.py     the rule on images that were read with warnings
    default.py    the rules that every family has, and those of a family that declares none
    spread.py     checkups spread over many steps
    trends.py     rising, falling and periodic series, from the literature

Start with rules.py. A rule is a function from a history to a hint or None; its thresholds and their reasons are above
it. Each family declares its rules (`pipeline/families/`): it makes them with the functions here, for its own roles and
series, and adds its specific ones. Pure: no store, no clock.
"""

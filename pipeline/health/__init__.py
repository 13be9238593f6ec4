"""From the curves of a run to hints: what goes wrong, by which numbers one sees it, and what to change.

    rules.py       hints(history, rules): every rule asked, the most severe first
    hint.py        what a hint is, and the levers it names
    history.py     the history of a run as the rules read it, and how much of it they need
    gradients.py   rules for any family: gradients that are not finite or explode, units that are dead
    samples.py     rules for any family: samples all alike, or worse, maybe while the loss falls
    default.py     the rules of a family that declares none
    trends.py      rising, falling and periodic series, from the literature

Begin with rules.py. A rule is a function from a history to a hint or None, with its thresholds above it and the reason
for each. Which rules a run is judged by, its family declares (`pipeline/families/`): it makes them of the functions
here, with its own roles and series, and adds those that it alone can have. Pure: no store, no torch, no clock; imports
only numpy and `pipeline.formatting`.
"""

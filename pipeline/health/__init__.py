"""From the curves of a run to hints: what goes wrong, by which numbers one sees it, and what to change.

    judge.py       hints(history): every rule asked, the most severe first
    hint.py        what a hint is, and the levers it names
    history.py     the history of a run as the rules read it, and how much of it they need
    gradients.py   rules on gradients: not finite, exploding, vanishing; units that are dead
    scores.py      rules on scores: the discriminator wins, guesses, knows its images by heart, is too steep
    samples.py     rules on samples: all alike, or worse while the loss falls
    codes.py       the rule on codes that say nothing
    swings.py      the rule on networks that chase each other in circles
    trends.py      rising, falling and periodic series, from the literature

Begin with judge.py. A rule is a function from a history to a hint or None, with its thresholds above it and the reason
for each. Pure: no store, no torch, no clock; imports only numpy, `pipeline.wording`, and the names of what a checkup
measures.
"""

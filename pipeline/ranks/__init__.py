"""Several processes that train one run together. Imports only torch.

    ranks.py    Ranks: which process this is, its share of a batch, and means over all processes
    drawing.py  random numbers of the whole batch, drawn alike in every process and split

Every process ("rank") computes an equal share of each batch. Random numbers are drawn for the whole batch, from one
state that is the same everywhere; gradients and metrics are averaged once per update. So all processes hold the same
weights after each update, and, but for rounding, those that a single process would have.
"""

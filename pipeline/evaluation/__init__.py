"""How good generated images are, in numbers.

    frechet.py               the Fréchet distance between two sets of features
    digit_features.py        features of handwritten digits, from a small classifier; its weights are beside it
    train_digit_features.py  the script that trained it

Start with frechet.py.
"""

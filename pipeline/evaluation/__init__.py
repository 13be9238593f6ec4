"""How good the images of stored runs are: what `pipeline/metrics/` compares, and where it comes from.

    evaluate.py              Evaluator: evaluates checkpoints of a run; start here
    real_sets.py             the real images that generated ones are compared with
    generated.py             generated images, and what the run's own networks make of real ones
    seen_images.py           what the network of the features sees in images, kept in files
    measuring.py             one metric and its floor
    verdicts.py              images as the run's own scoring network judges them
    memorisation.py          generated images beside their nearest training images
    failures.py              generated images that no class claims; the least and the most typical ones
    progress.py              adds up the parts of an evaluation
    device_choice.py         a GPU only if it has room for a second process
    features/                networks that describe images by features, behind one signature
    train_digit_features.py  the script that trained the classifier of digits

Its results are in `pipeline/runs/evaluations.py`, which needs no torch.
"""

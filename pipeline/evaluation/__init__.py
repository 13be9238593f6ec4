"""How good the images of stored runs are: what `pipeline/metrics/` compares, and where it comes from.

features/                networks that describe images by features, behind one signature
train_digit_features.py  the script that trained the classifier of digits
"""

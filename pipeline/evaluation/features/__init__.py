"""Networks that describe images by features, behind one signature.

signature.py             start here: Features and Seen
digits.py                handwritten digits: a small classifier; its weights are beside it
"""

"""The two ends that speak to each other: the server's handle and the engine's link. Torch-free.

Begin with `messages/` (what is said), then `link.py` (how it travels), `address.py` (where the other end is found)
and `handle.py` (what pages hold).
"""

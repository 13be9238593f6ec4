"""Communication between the server and the engines. Torch-free.

Begin with `messages/` (typed messages), then `link.py` (transport), `address.py` (where an engine is found), `start.py`
(one or several processes), `launcher_log.py` (what torchrun reports of several) and `handle.py` (what pages use).
"""

"""Communication between the server and the engines. Torch-free.

Begin with `messages/` (typed messages), then `link.py` (transport), `address.py` (where an engine is found) and
`handle.py` (what pages use).
"""

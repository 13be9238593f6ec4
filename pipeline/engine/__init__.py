"""The process that owns a trainer and its device: started by the server, or alone from the command line.

Begin with `service.py` (the process: links, inbox, life and death), then `worker.py` (what it can be asked),
`active_run.py` (one run under way: trainer, record, files), `drawing.py` (the second engine, which draws samples).
Top of the torch side of the ladder: may import everything below it, and nothing of the server's side.
"""

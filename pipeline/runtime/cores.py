"""How training shares the machine's cores with everything else that runs there."""

SHORT_SPIN = {"GOMP_SPINCOUNT": "1000"}
"""Environment of a process that trains; libgomp reads it when torch is first imported.

Where a training thread has to share its core, the others spin while they wait for it, and all get slower: with one of
two cores busy elsewhere a DCGAN on two threads made 0.8 steps a second, and 10 with so short a spin. On an idle machine
the short spin costs about a tenth.
"""

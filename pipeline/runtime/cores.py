"""Environment variables that let training share the CPU cores with other processes."""

SHORT_SPIN = {"GOMP_SPINCOUNT": "1000"}
"""Environment of a training process; libgomp reads it when torch is first imported.

If one training thread has to share its core, the others spin while they wait for it, which slows all of them down: with
one of two cores busy elsewhere, a DCGAN on two threads trained 0.8 steps per second, and 10 with this short spin. On an
idle machine the short spin costs about 10% of the speed.
"""

THREADS = {"evaluate": dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")}
"""Role of an engine -> further environment. Evaluation computes with one thread, so that training keeps its cores."""

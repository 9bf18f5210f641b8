"""Azure Batch's model as a Kubernetes operator, in six words.

resource (what users wrote) -> snapshot (all we know, frozen) -> plan (what to do) -> action (one step of it)
-> apply (do it) -> wake (look again). Every line of code belongs to one of them; data moves one way; a crash
at any line is repaired by the next pass, because every pass starts from what is.
"""

__version__ = "0.1.0"

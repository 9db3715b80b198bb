"""Real schedulers on loopback: an API server with nodes that no machine stands behind, and Slurm.

Nothing of a cluster is imitated here but its machines. What is not installed is named in the ready
line, with the way to get it.
"""

"""A Slurm controller as the scheduler of a membership, and the files that make one."""

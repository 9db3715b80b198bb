"""Machines as nodes of a Kubernetes or Slurm cluster: join, cordon, drain, leave."""

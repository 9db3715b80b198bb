"""A Kubernetes API server as the scheduler of a membership."""

"""Pools, their nodes and names, and which nodes stand by."""

"""Switches as whole configurations, applied as one transaction that rolls back by itself."""

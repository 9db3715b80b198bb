"""Inventories that others keep: read, compared, never written."""

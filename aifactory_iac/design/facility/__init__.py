"""Racks, the hall they stand in, the power chain and cooling."""

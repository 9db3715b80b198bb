"""Emulators on loopback that behave like the plant of a blueprint, its faults included."""

"""Workloads: what each needs and gets, by sourced formulas."""

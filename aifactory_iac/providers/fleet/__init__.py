"""Many machines at once: limits, budgets, quarantine."""

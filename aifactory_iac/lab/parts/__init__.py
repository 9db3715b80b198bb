"""From an inventory to the processes of a lab: what each one is told."""

"""Networks: roles, ports, switch tiers and the address plan."""

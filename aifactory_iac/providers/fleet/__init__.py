"""Many machines at once: how many may be disturbed, in which order, and what came of each.

budget.*        how many machines may be out of service: numbers only
ramp.*          one machine first, then one of each rack, then as many as the budget lets
gate.FleetGate  both of them as something that machines wait at
quarantine.*    a machine that failed is left alone for a while, and reported
identities.*    two machines that say that they are the same one
group.*         every machine of a group brought, watched or let go; one never fails the others
rollout.*       all of it in the order in which it is safe
"""

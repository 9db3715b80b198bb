"""Components for a cluster's platform: tenants, priorities, operators, queues, upstream charts."""

"""Components for one's own machines: provisioning, networks, node pools, clusters."""

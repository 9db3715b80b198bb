"""Components for AWS: network, keys, EKS, accelerated nodes, storage, budgets and audit trail."""

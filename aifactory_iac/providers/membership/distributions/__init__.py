"""Files of a Kubernetes control plane: RKE2, K3s and kubeadm, from closed models."""

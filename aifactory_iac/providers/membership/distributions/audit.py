"""What an API server writes down: who did what to what, and never a secret's content."""

from __future__ import annotations

from typing import Any

LOG_FLAGS = (
    ("audit-log-maxage", "30"),
    ("audit-log-maxbackup", "10"),
    ("audit-log-maxsize", "100"),
)
"""Days, files and MiB; the values that the CIS benchmark asks for (1.2.17 to 1.2.19)."""


def policy() -> dict[str, Any]:
    """An `audit.k8s.io/v1` policy; the first rule that fits an event decides.

    Secrets, config maps and token reviews are logged without bodies, health checks and the
    watches of the system's own components not at all.
    """
    sensitive = [
        {"group": "", "resources": ["secrets", "configmaps", "serviceaccounts/token"]},
        {"group": "authentication.k8s.io", "resources": ["tokenreviews"]},
    ]
    quiet = {
        "level": "None",
        "users": ["system:kube-proxy", "system:apiserver", "system:kube-scheduler"],
        "verbs": ["watch", "get", "list"],
    }
    health = {"level": "None", "nonResourceURLs": ["/healthz*", "/livez*", "/readyz*", "/version"]}
    return {
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "omitStages": ["RequestReceived"],
        "rules": [
            health,
            quiet,
            {"level": "Metadata", "resources": sensitive},
            {"level": "Request", "verbs": ["create", "update", "patch", "delete"]},
            {"level": "Metadata"},
        ],
    }

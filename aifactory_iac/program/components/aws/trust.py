"""Who may take on a role."""

from __future__ import annotations

import json


def trusts(service: str, *, tagged: bool = False) -> str:
    """Trust policy of a role for one AWS service; `tagged` where its sessions carry tags."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": service},
                    "Action": ["sts:AssumeRole", *(["sts:TagSession"] if tagged else [])],
                }
            ],
        }
    )

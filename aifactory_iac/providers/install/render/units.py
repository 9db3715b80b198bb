"""The unit of an installed system that says once that it is up."""

from __future__ import annotations

READY_UNIT = "aifactory-ready.service"
READY_SCRIPT = "/etc/aifactory/ready.sh"


def ready_unit() -> str:
    """Runs the script until it was heard, then removes it: its token is of no more use."""
    return "\n".join(
        [
            "[Unit]",
            "Description=Says that this machine is installed",
            "Wants=network-online.target",
            "After=network-online.target",
            f"ConditionPathExists={READY_SCRIPT}",
            "",
            "[Service]",
            "Type=oneshot",
            f"ExecStart=/bin/sh {READY_SCRIPT}",
            f"ExecStartPost=/bin/rm -f {READY_SCRIPT}",
            "Restart=on-failure",
            "RestartSec=30",
            "",
            "[Install]",
            "WantedBy=multi-user.target",
            "",
        ]
    )

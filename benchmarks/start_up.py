"""Start-up: CPU time of whole processes, beside the bare libraries that they cannot do without."""

from __future__ import annotations

import sys

from measure import cost, within

CLICK = "import click\n@click.command()\ndef hello(): pass\nhello(['--help'])"
READING = "import click, ruamel.yaml; from pydantic import BaseModel"
PULUMI = "import click, pydantic, ruamel.yaml, numpy, pulumi, pulumi_kubernetes"


def main() -> int:
    """Prints the figures; exits with 1 when one is over its limit."""
    click, reading, pulumi = (cost("-c", code) for code in (CLICK, READING, PULUMI))
    shown = cost("-m", "aifactory_iac", "--help")
    validated = cost("-m", "aifactory_iac", "validate", "regulated-hybrid")
    planned = cost("-m", "aifactory_iac", "plan", "superpod-h100", "-p", "scalable_units=4")
    print("start-up, CPU seconds of the whole process")
    holds = [
        within("aifactory --help", shown.cpu, 0.150, "s"),
        within("  over a bare click program's --help", shown.cpu / click.cpu, 3, "x"),
        within("aifactory validate regulated-hybrid", validated.cpu, 0.400, "s"),
        within("  over importing the libraries of loading", validated.cpu / reading.cpu, 4, "x"),
        within("aifactory plan superpod-h100, 127 nodes", planned.cpu, 3.0, "s"),
        within("  over importing the libraries of a plan", planned.cpu / pulumi.cpu, 5, "x"),
    ]
    return 0 if all(holds) else 1


if __name__ == "__main__":
    sys.exit(main())

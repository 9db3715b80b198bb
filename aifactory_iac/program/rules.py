"""Every finding of programs and exports: one table, ids never reused.

Numbers by topic: 001 ports between units, 020 AWS sites, 060 sites with machines of one's own,
080 platforms of clusters, 100 exported projects.
"""

from __future__ import annotations

from aifactory_iac.findings import Finding, Path, Severity, table

_HIGH, _MEDIUM, _LOW, _INFO = Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.INFO

RULES = table(
    "PRG",
    (
        (1, _HIGH, "Every unit has a name of its own."),
        (2, _HIGH, "Every component of a unit has a name of its own."),
        (3, _HIGH, "A unit gives every output once."),
        (4, _HIGH, "A component refers only to components of its own unit."),
        (5, _HIGH, "Some unit gives what another takes."),
        (6, _HIGH, "A port has the type that it is taken as."),
        (7, _HIGH, "Only one unit gives a port."),
        (8, _HIGH, "Units do not need each other in a circle."),
        (20, _HIGH, "An AWS site's address block can be a VPC with subnets in every zone."),
        (21, _HIGH, "An AWS site with a cluster has at least two zones."),
        (22, _MEDIUM, "A pool at an AWS site is in an EKS cluster, which provisions it."),
        (23, _INFO, "Something sets the size of a pool that may scale."),
        (24, _INFO, "A capacity block is bought by people, never by a program."),
        (25, _MEDIUM, "A cluster at an AWS site is an EKS cluster."),
        (26, _MEDIUM, "A public endpoint names the networks that may reach it."),
        (27, _INFO, "A role's members at an AWS site are IAM ARNs."),
        (28, _LOW, "A link to an AWS site is ordered and attached by people."),
        (29, _MEDIUM, "A storage tier at an AWS site is of a kind that programs provision."),
        (30, _MEDIUM, "Objects are copied between object tiers of one AWS account."),
        (31, _MEDIUM, "A tier keeps objects at least as long as the audit trail in it."),
        (32, _LOW, "A budget at an AWS site is in USD, or has an exchange rate."),
        (60, _INFO, "Storage at one's own site is installed by its vendor."),
        (61, _LOW, "A link between one's own sites is ordered and routed by people."),
        (80, _LOW, "A cluster's scheduler is one that programs install."),
        (81, _MEDIUM, "A tenant with dedicated nodes has machines of its own."),
        (82, _INFO, "A platform service is one that programs install."),
        (83, _INFO, "The device plugin of a pool's accelerators is one that programs install."),
        (84, _INFO, "Topology is read from the fabric."),
        (100, _HIGH, "An export writes only inside its project."),
        (101, _HIGH, "An export writes into a new or empty directory, or into one of its own."),
    ),
)


def found(rule: str, message: str, path: Path = (), *, hint: str | None = None) -> Finding:
    """A finding of one of `RULES`, with the severity that the table gives it."""
    return Finding(rule, RULES[rule].severity, message, path, hint)

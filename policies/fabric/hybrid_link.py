"""AIF-FAB-015."""

from __future__ import annotations

from aifactory_iac.policy import Checks, Context, Severity, failed, passed, rule


@rule(
    id="AIF-FAB-015",
    title="Links between sites are redundant and encrypted",
    severity=Severity.HIGH,
    zone="management",
    controls=("soc2:CC6.7", "soc2:A1.2", "iso27001:A.8.24", "nist800-53:SC-8", "nist800-53:CP-8"),
    needs=("blueprint",),
    parameters={
        "paths": {
            "type": "integer",
            "minimum": 1,
            "default": 2,
            "description": "Independent paths that a link has at least.",
        }
    },
)
def hybrid_link(factory: Context, *, paths: int) -> Checks:
    """A link between sites has two paths at least and encrypts what it carries.

    A private circuit is not a secret one: Direct Connect and dark fibre are plain text unless
    MACsec or IPsec is switched on.
    """
    for link in sorted(factory.blueprint.links, key=lambda link: link.name):
        path = ("links", link.name)
        ends = tuple(("sites", site) for site in link.between)
        if link.redundancy < paths:
            yield failed(
                (*path, "redundancy"),
                "redundancy",
                f"link `{link.name}` has {link.redundancy} path(s); at least {paths} are needed",
                hint=f"set `redundancy: {paths}` and order the paths over distinct routes",
                related=ends,
            )
        if link.encryption == "none":
            yield failed(
                (*path, "encryption"),
                "encryption",
                f"link `{link.name}` between {' and '.join(link.between)} is not encrypted",
                hint="set `encryption: macsec` on a circuit, or `ipsec` on any path",
                related=ends,
            )
        if link.redundancy >= paths and link.encryption != "none":
            yield passed(path)

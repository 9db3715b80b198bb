"""Every rule of the loader, in one table: id, severity and what it is about.

Ids are stable: scripts and suppressions hold on to them. A finding of this room is made with
`found`, which takes the severity from the table, so that a rule has one severity everywhere.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from aifactory_iac.findings import Finding, Path, Severity, Span


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing the loader checks."""

    id: str
    severity: Severity
    title: str
    doc: str


_HIGH, _CRITICAL, _MEDIUM = Severity.HIGH, Severity.CRITICAL, Severity.MEDIUM

_TABLE = (
    # The file and its YAML.
    ("001", _HIGH, "file cannot be read", "The file is missing, unreadable or not a regular file."),
    ("002", _HIGH, "no such target", "Not a file, a directory with a document, or a library name."),
    ("003", _HIGH, "document too large", "A document has at most 1 MiB."),
    ("004", _HIGH, "not text", "A document is UTF-8 text without control characters."),
    ("005", _HIGH, "not YAML", "The text does not follow YAML's syntax."),
    ("006", _HIGH, "empty document", "The file has no content."),
    ("007", _HIGH, "several documents", "A file holds exactly one document."),
    ("008", _HIGH, "duplicate key", "A key stands twice in one mapping; YAML keeps only one."),
    ("009", _HIGH, "key is not text", "Keys are plain text: no lists, mappings or nulls."),
    ("010", _HIGH, "custom tag", "Tags such as `!include` are not part of the language."),
    ("011", _HIGH, "document explodes", "Depth, number of values and alias expansion are bounded."),
    ("012", _HIGH, "bad alias", "An alias names an anchor that stands before it, outside itself."),
    ("013", _HIGH, "number out of range", "Numbers are finite and fit a computer's number."),
    ("014", _HIGH, "not a mapping", "A document is a mapping of keys to values."),
    # Structure: the typed model.
    ("020", _HIGH, "wrong kind of document", "`apiVersion` and `kind` say what a document is."),
    ("021", _HIGH, "unknown key", "The language has no such key here."),
    ("022", _HIGH, "missing key", "A required key is not given."),
    ("023", _HIGH, "wrong type", "A value has another type than the field."),
    ("024", _HIGH, "value out of bounds", "A value is too small, too large, or malformed."),
    ("025", _HIGH, "not a choice", "A value is not one of the field's choices."),
    ("026", _HIGH, "wrong unit", "A quantity has no unit, or one of another dimension."),
    ("027", _HIGH, "duplicate name", "Two items of a named list have one name."),
    # Inheritance and overlays.
    ("030", _HIGH, "no such parent", "`extends` or `blueprint` names nothing that exists."),
    ("031", _HIGH, "no matching version", "No version of the parent is in the range asked for."),
    ("032", _HIGH, "path escapes", "A parent's path stays inside its project or library."),
    ("033", _HIGH, "inheritance loop", "A document cannot extend itself, directly or not."),
    ("034", _HIGH, "nothing to remove", "A removal names something that no parent has."),
    ("035", _HIGH, "bad version range", "A range is written like `^1`, `~1.2`, `>=1.0 <2`."),
    ("036", _HIGH, "inheritance too deep", "At most 16 documents extend one another."),
    # Parameters.
    ("040", _HIGH, "bad declaration", "A parameter is declared by a JSON Schema (2020-12)."),
    ("041", _HIGH, "unknown parameter", "A value is given for a parameter that is not declared."),
    ("042", _HIGH, "parameter out of range", "A value does not fit the parameter's schema."),
    ("043", _HIGH, "parameter not given", "A parameter without a default needs a value."),
    ("044", _HIGH, "bad parameter name", "A parameter's name is a word that no section has."),
    # References.
    ("050", _HIGH, "reference to nothing", "`${...}` names a parameter or a value that exists."),
    ("051", _HIGH, "reference loop", "References lead round in a circle."),
    ("052", _HIGH, "bad reference", "A reference is written `${name.key}`; `$${` is a plain `${`."),
    ("053", _HIGH, "environment not allowed", "`${env:NAME}` stands only in fields read at apply."),
    ("054", _HIGH, "not a scalar in text", "Only single values can stand inside a text."),
    ("055", _HIGH, "references explode", "What references expand to is bounded."),
    # Names and the catalog.
    ("060", _HIGH, "name of nothing", "A name must be that of an item in the list it refers to."),
    ("061", _HIGH, "not in the catalog", "The catalog has no such entry."),
    ("062", _HIGH, "not buyable", "The part was announced or renamed and cannot be bought."),
    # Secrets.
    ("070", _CRITICAL, "secret in the document", "A secret reference belongs here, not a secret."),
    ("071", _CRITICAL, "looks like a secret", "Secrets never stand in a document."),
    # Questions of the user.
    (
        "080",
        _HIGH,
        "no such path",
        "A path leads to a key of the language and an item that exists.",
    ),
    ("090", _HIGH, "more of the same", "A document has fewer findings than anyone can read."),
    # Meaning: what types cannot say and needs no design.
    ("101", _HIGH, "machine of a pool", "A pool names exactly one of `system` and `instance`."),
    ("102", _HIGH, "size of a pool", "A pool gives exactly one of `count` and `scalable_units`."),
    ("103", _HIGH, "machine and site disagree", "Systems stand at own sites, instances in AWS."),
    ("104", _HIGH, "purchase", "Cloud capacity is bought in exactly one way, at AWS sites only."),
    ("105", _HIGH, "no scalable unit", "The catalog knows a scalable unit of the system."),
    ("106", _HIGH, "MIG profile", "The pool's accelerator has the MIG profile."),
    ("107", _HIGH, "setting of the other kind of site", "A pool's settings fit its site."),
    ("108", _HIGH, "spares said twice", "Spares are given by number or by confidence."),
    ("110", _HIGH, "network across sites", "The pools of one network stand at one site."),
    ("111", _HIGH, "technology and site", "EFA is at AWS sites only, and they have nothing else."),
    ("112", _HIGH, "technology not given", "At own sites a network says its technology."),
    ("113", _HIGH, "link", "A link joins two different sites by a line that can be there."),
    ("114", _HIGH, "address block", "Address blocks are valid and of a size that can be had."),
    ("115", _HIGH, "address blocks overlap", "Sites' address blocks do not overlap."),
    ("116", _HIGH, "switch and technology", "Switch and subnet manager fit the technology."),
    ("117", _HIGH, "growth below size", "A network grows to at least what it serves now."),
    ("118", _HIGH, "AWS account", "An AWS account is a number of 12 digits."),
    ("119", _HIGH, "feeds", "Redundancy needs more than one feed."),
    ("120", _HIGH, "tier and site", "A tier's kind, appliance and pools are of its site."),
    ("121", _HIGH, "imports", "A tier imports from an object tier within reach."),
    ("122", _HIGH, "setting of another kind of tier", "A tier's settings fit its kind."),
    ("123", _HIGH, "copies", "A tier is not its own copy; objects replicate to object tiers."),
    ("125", _HIGH, "audit sink", "The audit trail goes to an object tier."),
    ("130", _HIGH, "cluster and site", "A cluster's pools and distribution are of its site."),
    ("131", _HIGH, "kind of cluster", "Kind, distribution and scheduler of a cluster agree."),
    ("132", _HIGH, "pool in two clusters", "A pool's nodes belong to one cluster."),
    ("133", _HIGH, "figures of a workload", "Figures of a workload agree and have a source."),
    ("134", _HIGH, "checkpoints", "Checkpoints go to a tier that the workload's site reaches."),
    ("140", _HIGH, "quotas", "Guaranteed quotas fit the GPUs that the factory has."),
    ("141", _HIGH, "same thing twice", "A list of names has each name once."),
    ("142", _HIGH, "quantity of nothing", "Sizes, rates, powers and times are above zero."),
    ("143", _HIGH, "not in the calendar", "Dates and times exist."),
)

RULES: dict[str, Rule] = {
    f"AIF-DOC-{number}": Rule(f"AIF-DOC-{number}", severity, title, doc)
    for number, severity, title, doc in _TABLE
}


MOST_FINDINGS = 200
"""How many findings one kind of check tells one by one; a document with more is another problem."""


def first_of(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The first findings, and one that says that there are more; the rest is never worked out."""
    iterator = iter(findings)
    told = tuple(itertools.islice(iterator, MOST_FINDINGS))
    more = next(iterator, None)
    if more is None:
        return told
    message = f"there are more than {MOST_FINDINGS} findings of this kind; the others are not told"
    return (*told, found("090", message, more.path, hint="mend these first", span=more.span))


def found(
    number: str,
    message: str,
    path: Path = (),
    *,
    hint: str | None = None,
    span: Span | None = None,
    related: tuple[Path, ...] = (),
) -> Finding:
    """A finding of rule `AIF-DOC-<number>`, with the severity that the table gives it."""
    rule = RULES[f"AIF-DOC-{number}"]
    return Finding(rule.id, rule.severity, message, path, hint, related, span)

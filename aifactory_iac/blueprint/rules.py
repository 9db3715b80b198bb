"""Every rule of the loader, in one table: id, severity and what holds.

Ids are stable: scripts and suppressions hold on to them. A finding of this room is made with
`found`, which takes the severity from the table, so that a rule has one severity everywhere.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from aifactory_iac.findings import Finding, Path, Severity, Span, table

_HIGH, _CRITICAL = Severity.HIGH, Severity.CRITICAL

RULES = table(
    "DOC",
    (
        # The file and its YAML.
        (1, _HIGH, "A file is there, readable, and a regular file."),
        (2, _HIGH, "A target is a file, a directory with a document, or a name in the library."),
        (3, _HIGH, "A document has at most 1 MiB."),
        (4, _HIGH, "A document is UTF-8 text without control characters."),
        (5, _HIGH, "A document follows YAML's syntax."),
        (6, _HIGH, "A document has content."),
        (7, _HIGH, "A file holds exactly one document."),
        (8, _HIGH, "A key stands once in a mapping."),
        (9, _HIGH, "Keys are plain text: no lists, mappings or nulls."),
        (10, _HIGH, "Tags such as `!include` are not part of the language."),
        (11, _HIGH, "Depth, number of values and alias expansion are bounded."),
        (12, _HIGH, "An alias names an anchor that stands before it, outside itself."),
        (13, _HIGH, "Numbers are finite and fit a computer's number."),
        (14, _HIGH, "A document is a mapping of keys to values."),
        # Structure: the typed model.
        (20, _HIGH, "`apiVersion` and `kind` say what a document is."),
        (21, _HIGH, "Every key is one of the language, where it stands."),
        (22, _HIGH, "Every required key is given."),
        (23, _HIGH, "A value has the type of its field."),
        (24, _HIGH, "A value is within its field's bounds, and well formed."),
        (25, _HIGH, "A value is one of the choices of its field."),
        (26, _HIGH, "A quantity has a unit of its field's dimension."),
        (27, _HIGH, "Every item of a named list has a name of its own."),
        # Inheritance and overlays.
        (30, _HIGH, "`extends` and `blueprint` name a document that exists."),
        (31, _HIGH, "Some version of the parent is in the range asked for."),
        (32, _HIGH, "A parent's path stays inside its project or library."),
        (33, _HIGH, "A document cannot extend itself, directly or not."),
        (34, _HIGH, "A removal names something that a parent has."),
        (35, _HIGH, "A range is written like `^1`, `~1.2`, `>=1.0 <2`."),
        (36, _HIGH, "At most 16 documents extend one another."),
        # Parameters.
        (40, _HIGH, "A parameter is declared by a JSON Schema (2020-12)."),
        (41, _HIGH, "A value is given only for a parameter that is declared."),
        (42, _HIGH, "A value fits its parameter's schema."),
        (43, _HIGH, "A parameter without a default is given a value."),
        (44, _HIGH, "A parameter's name is a word that no section has."),
        # References.
        (50, _HIGH, "`${...}` names a parameter or a value that exists."),
        (51, _HIGH, "References do not lead round in a circle."),
        (52, _HIGH, "A reference is written `${name.key}`; `$${` is a plain `${`."),
        (53, _HIGH, "`${env:NAME}` stands only in fields read at apply."),
        (54, _HIGH, "Only single values can stand inside a text."),
        (55, _HIGH, "What references expand to is bounded."),
        # Names and the catalog.
        (60, _HIGH, "A name is that of an item in the list it refers to."),
        (61, _HIGH, "A name of a part is in the catalog."),
        (62, _HIGH, "A part can be bought: it was neither only announced nor renamed."),
        # Secrets.
        (70, _CRITICAL, "Where a secret belongs, the document has a reference to it."),
        (71, _CRITICAL, "Secrets never stand in a document."),
        # Questions of the user.
        (80, _HIGH, "A path leads to a key of the language and an item that exists."),
        (90, _HIGH, "A document has fewer findings than anyone can read."),
        # Meaning: what types cannot say and needs no design.
        (101, _HIGH, "A pool names exactly one of `system` and `instance`."),
        (102, _HIGH, "A pool gives exactly one of `count` and `scalable_units`."),
        (103, _HIGH, "Systems stand at own sites, instances in AWS."),
        (104, _HIGH, "Cloud capacity is bought in exactly one way, at AWS sites only."),
        (105, _HIGH, "The catalog knows a scalable unit of the system."),
        (106, _HIGH, "The pool's accelerator has the MIG profile."),
        (107, _HIGH, "A pool's settings fit its site."),
        (108, _HIGH, "Spares are given by number or by confidence."),
        (109, _HIGH, "A pool's image has all that its installation takes."),
        (110, _HIGH, "The pools of one network stand at one site."),
        (111, _HIGH, "EFA is at AWS sites only, and they have nothing else."),
        (112, _HIGH, "At own sites a network says its technology."),
        (113, _HIGH, "A link joins two different sites by a line that can be there."),
        (114, _HIGH, "Address blocks are valid and of a size that can be had."),
        (115, _HIGH, "Sites' address blocks do not overlap."),
        (116, _HIGH, "Switch and subnet manager fit the technology."),
        (117, _HIGH, "A network grows to at least what it serves now."),
        (118, _HIGH, "An AWS account is a number of 12 digits."),
        (119, _HIGH, "Redundancy needs more than one feed."),
        (120, _HIGH, "A tier's kind, appliance and pools are of its site."),
        (121, _HIGH, "A tier imports from an object tier within reach."),
        (122, _HIGH, "A tier's settings fit its kind."),
        (123, _HIGH, "A tier is not its own copy; objects replicate to object tiers."),
        (125, _HIGH, "The audit trail goes to an object tier."),
        (130, _HIGH, "A cluster's pools and distribution are of its site."),
        (131, _HIGH, "Kind, distribution and scheduler of a cluster agree."),
        (132, _HIGH, "A pool's nodes belong to one cluster."),
        (133, _HIGH, "Figures of a workload agree and have a source."),
        (134, _HIGH, "Checkpoints go to a tier that the workload's site reaches."),
        (140, _HIGH, "Guaranteed quotas fit the GPUs that the factory has."),
        (141, _HIGH, "A list of names has each name once."),
        (142, _HIGH, "Sizes, rates, powers and times are above zero."),
        (143, _HIGH, "Dates and times exist."),
        (144, _HIGH, "What trusts a device says how: pins for `pinned`, a reason for `insecure`."),
    ),
)

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

"""Names that must be those of something: items of the document's lists, entries of the catalog."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from aifactory_iac.blueprint.complaint import origin_hint
from aifactory_iac.blueprint.nodes import Node, steps
from aifactory_iac.blueprint.rules import first_of, found
from aifactory_iac.blueprint.secrets import quoted
from aifactory_iac.blueprint.shapes import Field
from aifactory_iac.blueprint.suggest import did_you_mean, did_you_mean_or_list, listing, nearest
from aifactory_iac.blueprint.trace import fields_in
from aifactory_iac.findings import Finding, Path, render_path

if TYPE_CHECKING:
    from aifactory_iac.catalog import Catalog


def name_findings(root: Node, model: type[BaseModel], catalog: Catalog) -> tuple[Finding, ...]:
    """Names that dangle, catalog ids that are unknown or not buyable, names said twice."""
    written = list(fields_in(root, model))
    return (
        *first_of(finding for each in written for finding in _dangling(root, *each)),
        *first_of(finding for each in written for finding in _catalog(catalog, *each)),
        *first_of(_twice(written)),
    )


def duplicate_findings(root: Node, path: Path = ()) -> Iterator[Finding]:
    """Items of one list with one name, anywhere in a document as it was read."""
    for step, child in steps(root):
        yield from duplicate_findings(child, (*path, step))
    first: dict[str, Node] = {}
    for item in root.items:
        named = item.entries.get("name")
        if named is None or not isinstance(named.value, str):
            continue
        if named.value in first:
            line = first[named.value].place.line
            yield found(
                "027",
                f"the name {quoted(named.value)} stands twice in `{render_path(path)}`",
                (*path, named.value),
                hint=f"rename one; the first stands in line {line}",
                span=named.place.span(),
            )
        else:
            first[named.value] = named


def _dangling(root: Node, path: Path, field: Field, node: Node) -> Iterator[Finding]:
    if field.spec.refers_to is None or not isinstance(node.value, str) or node.deferred:
        return
    target: Node | None = root
    for part in field.spec.refers_to.split("."):
        target = target.entries.get(part) if target is not None else None
    if target is not None and target.broken:
        return
    items = target.items if target is not None else ()
    if any(item.broken for item in items):
        return
    names = [item.name for item in items if item.name is not None]
    if node.value in names:
        return
    hint = did_you_mean_or_list(node.value, names, f"items of `{field.spec.refers_to}`")
    message = f"`{field.spec.refers_to}` has no item named {quoted(node.value)}"
    yield found("060", message, path, hint=_and(hint, node), span=node.place.span())


def _catalog(catalog: Catalog, path: Path, field: Field, node: Node) -> Iterator[Finding]:
    if field.spec.catalog is None or not isinstance(node.value, str) or node.deferred:
        return
    table: Mapping[str, Any] = catalog.table(field.spec.catalog)
    what = field.spec.catalog.replace("_", " ")
    fact = table.get(node.value)
    if fact is not None:
        yield from _status(catalog, path, node, fact)
        return
    announced = unbuyable(catalog, node.value) if field.spec.catalog == "systems" else None
    if announced is not None:
        message, hint = announced
        yield found("062", message, path, hint=_and(hint, node), span=node.place.span())
        return
    message = f"the catalog has no {quoted(node.value)} among its {what}"
    hint = did_you_mean(node.value, table) or f"{what}: {listing(sorted(table))}"
    yield found("061", message, path, hint=_and(hint, node), span=node.place.span())


def _status(catalog: Catalog, path: Path, node: Node, fact: Any) -> Iterator[Finding]:
    status = getattr(fact, "status", "shipping")
    parts = getattr(fact, "accelerators", ())
    accelerator = catalog.accelerators.get(parts[0]) if isinstance(parts, tuple) and parts else None
    if status == "shipping" and (accelerator is None or accelerator.status == "shipping"):
        return
    say = "is no longer sold" if status == "end-of-life" else "was announced and cannot be bought"
    hint = "name a system that is shipping"
    replacement = _replacement(catalog, accelerator, str(node.value))
    if replacement is not None:
        hint = f"use `{replacement}`"
    yield found(
        "062", f"{quoted(node.value)} {say}", path, hint=_and(hint, node), span=node.place.span()
    )


def unbuyable(catalog: Catalog, name: str) -> tuple[str, str] | None:
    """For a system that is not in the catalog: message and hint when its accelerator is known.

    `dgx-b100` is no system, but B100 is an accelerator that was announced and never sold.
    """
    words = set(name.lower().split("-"))
    for accelerator in catalog.accelerators.values():
        if accelerator.status == "announced" and words & set(accelerator.id.split("-")[1:2]):
            replacement = _replacement(catalog, accelerator, name)
            hint = f"use `{replacement}`" if replacement else "name a system that is shipping"
            return f"{quoted(name)}: {accelerator.name} was announced and cannot be bought", hint
    return None


def _replacement(catalog: Catalog, accelerator: Any, name: str) -> str | None:
    """The shipping system most like the one asked for, with the part that the note names."""
    note = accelerator.provenance.note if accelerator is not None else None
    named = {key for key in catalog.accelerators if note and f"use {key}" in note}
    fitting = [
        system.id
        for system in catalog.systems.values()
        if system.status == "shipping" and named.intersection(system.accelerators)
    ]
    return nearest(name, fitting) or (sorted(fitting)[0] if fitting else None)


def _twice(written: list[tuple[Path, Field, Node]]) -> Iterator[Finding]:
    """A list of names that has one name twice."""
    seen: Counter[tuple[Path, Any]] = Counter()
    for path, field, node in written:
        in_list = field.shape.kind in ("list", "either") and isinstance(path[-1], int)
        in_list = in_list and field.key != "between"  # which has a rule of its own
        if not in_list or not node.is_scalar:
            continue
        seen[path[:-1], node.value] += 1
        if seen[path[:-1], node.value] == 2:  # once, however often it stands there
            message = f"{quoted(node.value)} stands twice in `{render_path(path[:-1])}`"
            yield found("141", message, path, hint="drop one of the two", span=node.place.span())


def _and(hint: str, node: Node) -> str:
    origin = origin_hint(node)
    return f"{hint}; {origin}" if origin else hint

"""What a shell offers after TAB: targets, parameters, rules, profiles and packs by name.

A completion that fails offers nothing: a shell is no place for a message.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem


def targets(
    ctx: click.Context,
    param: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem]:
    """Blueprints of the library, then files and folders as the shell knows them."""
    from click.shell_completion import CompletionItem

    return [*_items(_blueprints(ctx), incomplete), CompletionItem(incomplete, type="file")]


def blueprints(
    ctx: click.Context,
    param: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem]:
    """Blueprints of the library."""
    return _items(_blueprints(ctx), incomplete)


def parameters(
    ctx: click.Context,
    param: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem]:
    """`NAME=` of the target's parameters, each with what it is."""
    from aifactory_iac.blueprint import declared_parameters

    # Where `-p` is the last word, click leaves arguments unparsed and in `args`.
    target = ctx.params.get("source") or ctx.params.get("target") or next(iter(ctx.args), None)
    if not target or "=" in incomplete:
        return []
    declared = declared_parameters(str(target), _library(ctx))
    return _items(
        {f"{name}=": str(each.get("description", "")) for name, each in declared.items()},
        incomplete,
    )


def rules(
    ctx: click.Context,
    param: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem]:
    """Ids of rules, each with what it holds; typed in either case."""
    known = {name: rule.title for name, rule in _rules(ctx).rules.items()}
    return _items(known, incomplete.upper())


def profiles(
    ctx: click.Context,
    param: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem]:
    """Policy profiles."""
    known = {name: profile.title for name, profile in _rules(ctx).profiles.items()}
    return _items(known, incomplete)


def packs(
    ctx: click.Context,
    param: click.Parameter,  # noqa: ARG001
    incomplete: str,
) -> list[CompletionItem]:
    """Rule packs."""
    return _items(dict.fromkeys(_rules(ctx).packs, ""), incomplete)


def _blueprints(ctx: click.Context) -> Mapping[str, str]:
    from aifactory_iac.library import volumes

    return dict.fromkeys((volume.name for volume in volumes(_library(ctx))), "")


def _rules(ctx: click.Context) -> Any:
    from aifactory_iac.policy import load_rules

    return load_rules(tuple(Path(each) for each in ctx.params.get("rules") or ()))


def _library(ctx: click.Context) -> tuple[Path, ...]:
    return tuple(Path(each) for each in ctx.params.get("library") or ())


def _items(known: Mapping[str, str], incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    fitting: Iterable[str] = (name for name in sorted(known) if name.startswith(incomplete))
    return [CompletionItem(name, help=known[name] or None) for name in fitting]

"""Source files that an exported project carries: components, what they import, and SDK classes."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources

_ROOT = "aifactory_iac"
_COMPONENTS = ("program", "components")
_SDK = ("providers", "metal")
_SDK_IMPORT = f"from {_ROOT}.providers.metal import"


def carried(modules: Iterable[str]) -> Mapping[str, str]:
    """Files by path in the project, for the modules of some components.

    `modules` are as in `Call.component`, such as `onprem.node_pool`. Everything that they import
    from beside them comes along; the provider's SDK comes whole, where one of them needs it.
    """
    files: dict[str, str] = {"components/__init__.py": _read(*_COMPONENTS, "__init__.py")}
    waiting = sorted(set(modules))
    sdk = False
    while waiting:
        module = waiting.pop()
        package, _, name = module.partition(".")
        path = f"components/{package}/{name}.py"
        if path in files:
            continue
        text = _read(*_COMPONENTS, package, f"{name}.py")
        sdk = sdk or _SDK_IMPORT in text
        files[path] = text.replace(_SDK_IMPORT, "from providers.metal import")
        files[f"components/{package}/__init__.py"] = _read(*_COMPONENTS, package, "__init__.py")
        waiting += _beside(package, text)
    return dict(sorted({**files, **(_sdk() if sdk else {})}.items()))


def _beside(package: str, text: str) -> list[str]:
    """Modules that a component imports from its own package or a neighbouring one."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.level:
            below = package if node.level == 1 else ""
            parts = [part for part in (below, node.module or "") if part]
            names = [] if node.module else [alias.name for alias in node.names]
            found.update(".".join([*parts, name]) for name in names or [""])
    return sorted(name.rstrip(".") for name in found)


@cache
def _sdk() -> Mapping[str, str]:
    folder = resources.files(_ROOT).joinpath(*_SDK)
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".py"))
    return {
        "providers/__init__.py": '"""Types of the provider package `aifactory`."""\n',
        **{f"providers/metal/{name}": _read(*_SDK, name) for name in names},
    }


@cache
def _read(*parts: str) -> str:
    return resources.files(_ROOT).joinpath(*parts).read_text(encoding="utf-8")

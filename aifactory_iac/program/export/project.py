"""Prints the constructions of every unit as one Pulumi project.

One project a blueprint and one stack a unit, named as `aifactory apply` names them, so that an
exported project finds the state of what the toolkit applied. Each unit is a module; `__main__.py`
runs the one that the selected stack is named after.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import metadata
from typing import Any

import jinja2.sandbox

from aifactory_iac.blueprint.model import Blueprint
from aifactory_iac.program.export import names
from aifactory_iac.program.export.literals import WIRING, Source
from aifactory_iac.program.export.sources import carried
from aifactory_iac.program.lower import Lowered
from aifactory_iac.program.ports import takes
from aifactory_iac.program.run import construction_order
from aifactory_iac.program.unit import Call, FromEnvironment, FromSecret, ProviderCall, Unit
from aifactory_iac.providers.schema import package_schema

_PACKAGES = ("pulumi", "pulumi-aws", "pulumi-kubernetes")
_LINE = 100
_TEMPLATES = {
    ".gitignore": "gitignore.j2",
    "Pulumi.yaml": "Pulumi.yaml.j2",
    "README.md": "README.md.j2",
    "requirements.txt": "requirements.txt.j2",
    "ruff.toml": "ruff.toml.j2",
}


def export_project(
    lowered: Lowered,
    blueprint: Blueprint,
    versions: Mapping[str, str] | None = None,
    deployment: str = "dev",
) -> Mapping[str, str]:
    """Text by path inside the project. Equal input gives equal bytes.

    `versions` pins the Pulumi packages by name; those that are installed when not given.
    `deployment` is the first part of the stacks' names, which the README tells the user.
    """
    modules = {unit.name: names.module(unit.name) for unit in lowered.units}
    files = dict(carried(_component(call)[0] for unit in lowered.units for call in unit.calls))
    for unit in lowered.units:
        source, table = _unit(unit, modules[unit.name], blueprint)
        files[f"units/{modules[unit.name]}.py"] = source
        if table:
            text = json.dumps(table, indent=1, ensure_ascii=False, sort_keys=False)
            files[f"tables/{modules[unit.name]}.json"] = text + "\n"
    files["units/__init__.py"] = '"""One module for each unit of deployment."""\n'
    values = {
        "blueprint": blueprint,
        "deployment": deployment,
        "units": lowered.units,
        "needs": lowered.needs,
        "modules": modules,
        "versions": _needed(lowered, versions if versions is not None else pinned_versions()),
        "metal": "providers/metal/__init__.py" in files,
        "plugin_version": package_schema()["version"],
        "tables": any(path.startswith("tables/") for path in files),
        "environment": _environment(lowered),
        "secrets": _secrets(lowered),
        "stores": {store for store, _ in _secrets(lowered)},
    }
    files |= {path: _render(template, values) for path, template in _TEMPLATES.items()}
    if values["metal"]:
        files["plugin/pulumi-resource-aifactory"] = _render("plugin.sh.j2", values)
    files["__main__.py"] = _formatted(_render("main.py.j2", values))
    files["wiring.py"] = _formatted(_render("wiring.py.j2", values))
    return dict(sorted(files.items()))


def pinned_versions() -> Mapping[str, str]:
    """Versions of the installed Pulumi packages."""
    return {name: metadata.version(name) for name in _PACKAGES}


def _unit(unit: Unit, module: str, blueprint: Blueprint) -> tuple[str, dict[str, Any]]:
    """Source of one unit's module, and its table of big arguments."""
    calls = construction_order(unit)
    providers = sorted(unit.providers, key=lambda item: item.name)
    upstream = sorted({take.port.rpartition(".")[0] for _, take in takes(unit)})
    imports = _imports(calls)
    taken = {"pulumi", "pulumi_aws", "pulumi_kubernetes", *WIRING}
    every = {
        **{f"call {call.name}": call.name for call in calls},
        **{f"provider {item.name}": f"{item.name}-provider" for item in providers},
        **{f"unit {name}": name.replace("/", "-") for name in upstream},
    }
    variables = names.variables(every, taken | set(imports.values()))
    source = Source(
        components={call.name: variables[f"call {call.name}"] for call in calls},
        upstream={name: variables[f"unit {name}"] for name in upstream},
        table=module,
    )
    constructed = [_call(call, source, variables, imports) for call in calls]
    values = {
        "unit": unit,
        "blueprint": blueprint,
        "providers": [
            {
                "variable": variables[f"provider {item.name}"],
                "kind": f"pulumi_{item.package}.Provider",
                "name": item.name,
                "args": source.arguments(item.name, item.args),
            }
            for item in providers
        ],
        "calls": constructed,
        "upstream": [(source.upstream[name], *name.split("/", 1)) for name in upstream],
        "gives": [
            (give.name, source.value(give.value), give.secret)
            for give in sorted(unit.gives, key=lambda item: item.name)
        ],
        "imports": _import_lines(imports),
        "wiring": sorted(({"Upstream"} if upstream else set()) | source.uses & set(WIRING)),
    }
    if unit.gives or any(call["options"] for call in constructed):
        source.uses.add("pulumi")
    values["packages"] = _packages(providers, source)
    return _formatted(_render("unit.py.j2", values)), source.tables


def _call(
    call: Call,
    source: Source,
    variables: Mapping[str, str],
    imports: Mapping[tuple[str, str], str],
) -> dict[str, Any]:
    module, name = _component(call)
    options = call.options
    written = []
    if options.depends_on:
        after = ", ".join(source.components[item] for item in options.depends_on)
        written.append(f"depends_on=[{after}]")
    if options.provider is not None:
        written.append(f"providers=[{variables[f'provider {options.provider}']}]")
    if options.protect:
        written.append("protect=True")
    if options.aliases:
        former = ", ".join(
            repr(alias) if alias.startswith("urn:") else f"pulumi.Alias(name={alias!r})"
            for alias in options.aliases
        )
        written.append(f"aliases=[{former}]")
    return {
        "variable": source.components[call.name],
        "kind": imports[module, name],
        "args_kind": imports[module, f"{name}Args"],
        "name": call.name,
        "args": source.arguments(call.name, call.args),
        "options": written,
    }


def _imports(calls: tuple[Call, ...]) -> dict[tuple[str, str], str]:
    """Local name of every class; the second module that has a name puts its own before it."""
    owners: dict[str, str] = {}
    found: dict[tuple[str, str], str] = {}
    for module, name in sorted({_component(call) for call in calls}):
        clash = owners.setdefault(name, module) != module
        local = f"{module.replace('.', ' ').title().replace(' ', '').replace('_', '')}{name}"
        for suffix in ("", "Args"):
            found[module, f"{name}{suffix}"] = f"{local if clash else name}{suffix}"
    return found


def _import_lines(imports: Mapping[tuple[str, str], str]) -> list[str]:
    by_module: dict[str, list[str]] = {}
    for (module, name), local in sorted(imports.items()):
        written = name if local == name else f"{name} as {local}"
        by_module.setdefault(module, []).append(written)
    return [
        f"from components.{module} import {', '.join(written)}"
        for module, written in sorted(by_module.items())
    ]


def _packages(providers: list[ProviderCall], source: Source) -> list[str]:
    used = source.uses & {"pulumi", "pulumi_aws"}
    return sorted({f"pulumi_{item.package}" for item in providers} | used)


def _component(call: Call) -> tuple[str, str]:
    module, _, name = call.component.partition(":")
    return module, name


def _needed(lowered: Lowered, versions: Mapping[str, str]) -> dict[str, str]:
    """Pins of the packages that some unit uses."""
    used = {"pulumi"} | {
        f"pulumi-{package}"
        for unit in lowered.units
        for package in (
            *(item.package for item in unit.providers),
            *(call.component.split(".", 1)[0] for call in unit.calls),
        )
        if f"pulumi-{package}" in _PACKAGES
    }
    return {name: versions[name] for name in sorted(used)}


def _environment(lowered: Lowered) -> list[str]:
    return sorted({item.variable for item in _deferred(lowered, FromEnvironment)})


def _secrets(lowered: Lowered) -> list[tuple[str, str]]:
    return sorted({(item.store, item.path) for item in _deferred(lowered, FromSecret)})


def _deferred(lowered: Lowered, kind: type[Any]) -> list[Any]:
    found: list[Any] = []

    def look(value: Any) -> None:
        if isinstance(value, kind):
            found.append(value)
        elif isinstance(value, Mapping):
            for item in value.values():
                look(item)
        elif isinstance(value, tuple | list):
            for item in value:
                look(item)

    for unit in lowered.units:
        for provider in unit.providers:
            look(provider.args)
        for call in unit.calls:
            look(call.args)
    return found


def _render(template: str, values: Mapping[str, Any]) -> str:
    environment = jinja2.sandbox.SandboxedEnvironment(
        loader=jinja2.PackageLoader("aifactory_iac.program", "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    return environment.get_template(template).render(values)


def _formatted(source: str) -> str:
    import black  # imported late: only an export needs it

    return black.format_str(source, mode=black.Mode(line_length=_LINE))

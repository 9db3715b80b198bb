"""The reference page of the rules, written from their metadata, examples and control maps.

`python -m aifactory_iac.policy.document` prints it; a test keeps `docs/reference/policies.md`
fresh.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.representer import RoundTripRepresenter

from aifactory_iac.policy.example import DAY, Case, Examples, Reference, read_examples
from aifactory_iac.policy.load import RuleLibrary, load_rules
from aifactory_iac.policy.rule import Rule
from aifactory_iac.program.planned import Unknown

LAYERS = (
    "compute",
    "fabric",
    "storage",
    "orchestration",
    "governance",
    "facility",
    "cost",
    "sovereignty",
)
_HEAD = """\
# Policies

Written by `python -m aifactory_iac.policy.document` from the rules themselves; do not edit.

A rule says what is wrong, never how strictly it is held: that is the profile's, chosen by
`governance.profile` or `--profile`. A rule *supports* a control and never satisfies it alone; the
mappings have not been reviewed by an auditor or a lawyer. Every example is a test.

A rule that crashes, or a rule file that cannot be loaded (`AIF-POL-002`), is an error at any level:
the gate then ends with exit code 4 and never with 0.
"""


def reference_page(library: RuleLibrary) -> str:
    """The whole page as Markdown."""
    return "\n".join(_page(library)) + "\n"


def _page(library: RuleLibrary) -> Iterator[str]:
    yield _HEAD
    yield from _profiles(library)
    layers = [*LAYERS, *sorted({rule.layer for rule in library.rules.values()} - set(LAYERS))]
    for layer in layers:
        rules = [rule for rule in library.rules.values() if rule.layer == layer]
        if not rules:
            continue
        yield f"## {layer.capitalize()}\n"
        yield "| Rule | Says | Severity |\n|---|---|---|"
        yield from (f"| [{r.id}](#{_anchor(r)}) | {r.title} | {r.severity} |" for r in rules)
        yield ""
        for rule in rules:
            yield from _rule(rule, library)


def _profiles(library: RuleLibrary) -> Iterator[str]:
    profiles = library.profiles.values()
    yield "## Profiles\n"
    yield "| Profile | For | Critical | High | Medium | Low | Unknowns block from |"
    yield "|---|---|---|---|---|---|---|"
    for profile in profiles:
        levels = " | ".join(
            str(level)
            for severity, level in sorted(profile.levels.items(), key=lambda item: -item[0].rank)
            if severity != "info"
        )
        bound = profile.unknown_blocks_from or "never"
        yield f"| {profile.name} | {profile.title} | {levels} | {bound} |"
    yield "\n`hard` blocks and cannot be waived, `soft` blocks and can, `advisory` only shows.\n"
    for profile in profiles:
        for name, setting in sorted(profile.rules.items()):
            stated = [f"level {setting.level}"] if setting.level else []
            stated += [f"{key} = {json.dumps(v)}" for key, v in sorted(setting.parameters.items())]
            yield f"- `{profile.name}` sets {name}: {', '.join(stated)}."
    if any(profile.rules for profile in profiles):
        yield ""


def _anchor(rule: Rule) -> str:
    return rule.id.lower()


def _rule(rule: Rule, library: RuleLibrary) -> Iterator[str]:
    examples, _ = read_examples(rule, library)
    yield f'### <a id="{_anchor(rule)}"></a>{rule.id}: {rule.title}\n'
    facts = [f"Severity {rule.severity}", f"looks at {', '.join(rule.needs)}"]
    if rule.zone is not None:
        facts.append(f"zone {rule.zone} (NIST SP 800-223)")
    facts.append(f"packs {', '.join(library.packs_of(rule.id)) or 'none'}")
    yield f"*{'; '.join(facts)}. Source: `policies/{rule.file}`.*\n"
    yield f"{rule.description}\n"
    for name, schema in sorted(rule.parameters.items()):
        default = json.dumps(schema["default"])
        yield f"- `{name}` (default {default}): {schema.get('description', '')}"
    if rule.parameters:
        yield ""
    yield from _examples(examples)
    yield "| Control | Why |\n|---|---|"
    for control, why in library.rationale(rule).items():
        yield f"| {control} | {why or ''} |"
    yield ""


def _examples(examples: Examples) -> Iterator[str]:
    for kind, case in (("Good", examples.good[0]), ("Bad", examples.bad[0])):
        told = ", ".join([case.case] * bool(case.case) + [f"on {case.at}"] * (case.at != DAY))
        yield f"{kind} ({told}):\n" if told else f"{kind}:\n"
        yield f"```yaml\n{_shown(case)}```\n"


def _shown(case: Case) -> str:
    """The part of a case that makes it what it is: its blueprint, else its resources."""
    content: Any = case.blueprint
    if not content and case.resources:
        content = [
            {
                "type": item.type,
                "name": item.name,
                **({"inputs": item.inputs} if item.inputs else {}),
            }
            for item in case.resources
        ]
    if not content and case.waivers:
        return case.waivers
    if not content:
        return "# the factory that all examples start from\n"
    writer = YAML()
    writer.default_flow_style = None
    writer.width = 96
    writer.Representer = _ExampleRepresenter
    stream = io.StringIO()
    writer.dump(content, stream)
    return stream.getvalue()


class _ExampleRepresenter(RoundTripRepresenter):
    """References and unknowns as they are written in an example; its own class, as the tags are."""


_ExampleRepresenter.add_representer(
    Reference, lambda writer, item: writer.represent_scalar("!ref", item.name)
)
_ExampleRepresenter.add_representer(
    Unknown, lambda writer, _item: writer.represent_scalar("!unknown", "")
)


if __name__ == "__main__":
    sys.stdout.write(reference_page(load_rules()))

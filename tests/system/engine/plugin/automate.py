"""Commands of the engine through Pulumi's Automation API, in a process of its own.

Reads what to do as lines of JSON from standard input, and writes what came of each as such a line.
The inline program is Python source that knows `pulumi`, `metal` (our SDK) and `notebook`. In a
process of its own because an engine that fails leaves coroutines of the inline program behind.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi import automation

from aifactory_iac.providers import metal

# An update asks for these afterwards, each by a run of the command; nobody here looks at them.
automation.Stack.outputs = lambda _self, *_: {}
automation.Stack.info = lambda _self, *_: ""


def notebook(
    name: str = "diary", opts: pulumi.ResourceOptions | None = None, **props: Any
) -> pulumi.CustomResource:
    """A resource of the type that `shelf.py` implements."""
    return pulumi.CustomResource("aifactory:metal:Notebook", name, {"isbn": None, **props}, opts)


NAMES = {"pulumi": pulumi, "metal": metal, "notebook": notebook}


def main(folder: str) -> None:
    stack = automation.create_stack(
        "dev",
        project_name="plant",
        program=lambda: None,
        opts=automation.LocalWorkspaceOptions(work_dir=folder, env_vars=dict(os.environ)),
    )
    out = os.dup(1)
    os.dup2(2, 1)
    for line in sys.stdin:
        os.write(out, (json.dumps(answer(stack, json.loads(line))) + "\n").encode())
    os._exit(0)  # not waiting for what inline programs have left behind


def answer(stack: automation.Stack, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """What came of one command."""
    said: list[str] = []
    events: list[Any] = []
    failure = ""
    try:
        if asked["command"] == "set":
            value = automation.ConfigValue(asked["value"], secret=asked["secret"])
            stack.set_config(asked["key"], value, path=asked["secret"])
        else:
            program = {"program": lambda: exec(asked["source"], dict(NAMES))}
            getattr(stack, asked["command"])(
                on_output=said.append,
                on_event=events.append,
                color="never",
                **(program if asked["command"] in ("preview", "up") else {}),
            )
    except automation.CommandError as error:
        failure = str(error)
    operations: dict[str, str] = {}
    differences: dict[str, Mapping[str, str]] = {}
    for event in events:
        known = event.resource_pre_event or event.res_outputs_event
        if known is not None and known.metadata.type != "pulumi:pulumi:Stack":
            note(known.metadata, operations, differences)
    return {
        "failure": failure,
        "output": "\n".join(said),
        "operations": operations,
        "differences": differences,
    }


def note(
    metadata: Any, operations: dict[str, str], differences: dict[str, Mapping[str, str]]
) -> None:
    """One step of the engine, by the resource's name."""
    name = metadata.urn.split("::")[-1]
    op = getattr(metadata.op, "value", metadata.op)
    if name.startswith("default") or op == "refresh":
        return
    operations[name] = "replace" if "replace" in op else op
    if metadata.detailed_diff:
        differences[name] = {
            path: each.diff_kind.value for path, each in metadata.detailed_diff.items()
        }


if __name__ == "__main__":
    main(sys.argv[1])

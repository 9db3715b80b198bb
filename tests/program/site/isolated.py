"""Runs the units of an exported project where aifactory_iac cannot be imported.

    python isolated.py PROJECT_DIRECTORY PROJECT_NAME < STACKS

Standard input holds the names of the stacks to run, one a line; standard output gets what each
registered, as JSON. The monitor is the toolkit's own, loaded before the toolkit is shut out.
"""

from __future__ import annotations

import dataclasses
import importlib.abc
import json
import os
import runpy
import sys
from pathlib import Path

from aifactory_iac.deploy import Setting, construct


class Shut(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("aifactory_iac", "numpy", "pydantic", "jinja2"):
            raise ImportError(f"{name} is not part of an exported project")


def plain(value):
    if dataclasses.is_dataclass(value):
        fields = dataclasses.fields(value)
        return {field.name: getattr(value, field.name) for field in fields}
    return repr(value)


def main(directory: str, project: str) -> None:
    environment = {key: value for key, value in os.environ.items() if key.startswith("FACTORY_")}
    for name in [name for name in sys.modules if name.split(".")[0] == "aifactory_iac"]:
        del sys.modules[name]
    sys.meta_path.insert(0, Shut())
    sys.path[:] = [
        entry for entry in sys.path if not Path(entry, "aifactory_iac", "__init__.py").exists()
    ]
    sys.path.insert(0, directory)
    found = {}
    for stack in sys.stdin.read().split():

        def program():
            os.environ.update({key[8:]: value for key, value in environment.items()})
            runpy.run_path(f"{directory}/__main__.py", run_name="__main__")

        before = set(sys.modules)
        construction = construct(program, Setting(project=project, stack=stack))
        for name in set(sys.modules) - before:
            if name.split(".")[0] in ("units", "wiring", "components", "providers"):
                del sys.modules[name]
        found[stack] = construction
    json.dump(found, sys.stdout, default=plain, sort_keys=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

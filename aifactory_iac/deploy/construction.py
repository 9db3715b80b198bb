"""Runs one Pulumi program against our own monitor and gives back what it registered.

Repeatable in one process and within a running event loop (a notebook): each run has a thread of
its own, hence a fresh set of the context variables in which the SDK keeps its settings, root
stack and config. What is global to the process beside them is put back (`hermetic`, `loop`).
"""

from __future__ import annotations

import asyncio
import json
import threading
import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

from pulumi.runtime import run_in_stack
from pulumi.runtime import settings as sdk_settings
from pulumi.runtime.config import set_all_config

from aifactory_iac.deploy import urn as urns
from aifactory_iac.deploy import wire
from aifactory_iac.deploy.hermetic import scrubbed_environment
from aifactory_iac.deploy.loop import PlanningLoop
from aifactory_iac.deploy.monitor import Engine, Monitor, Prior, Read
from aifactory_iac.deploy.rules import PROGRAM_FAILED, found
from aifactory_iac.deploy.speed import planning_speed
from aifactory_iac.deploy.transforms import LocalCallbacks
from aifactory_iac.findings import Finding, Path
from aifactory_iac.program.planned import PlannedResource

Program = Callable[[], Awaitable[None] | None]
SHORTEST_SECRET = 4
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a program runs: names, config, and how its parts map back to the blueprint.

    `config` has full keys (`aws:region`); `config_secrets` says which of them are secret.
    `origins` maps names of top-level constructions to blueprint paths.
    """

    project: str
    stack: str
    unit: str = ""
    config: Mapping[str, str] = field(default_factory=dict)
    config_secrets: frozenset[str] = frozenset()
    origins: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Construction:
    """What a program registered: resources sorted by URN, stack outputs, look-ups, findings.

    `outputs` and `component_outputs` are plain data with `UNKNOWN` and `Secret`. The stack itself
    is not among the resources. `invoked` are the functions that only the world could answer.
    """

    resources: tuple[PlannedResource, ...]
    outputs: Mapping[str, Any]
    component_outputs: Mapping[str, Mapping[str, Any]]
    reads: tuple[Read, ...]
    invoked: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def complete(self) -> bool:
        """Whether the program ran to its end, so that what it lacks is really absent."""
        return not any(finding.rule == PROGRAM_FAILED for finding in self.findings)


def construct(program: Program, setting: Setting, prior: Prior | None = None) -> Construction:
    """Run the program and record it. Whatever the program raises becomes a finding."""
    monitor = Monitor(
        stack=setting.stack,
        project=setting.project,
        unit=setting.unit,
        origins=setting.origins,
        prior=prior,
    )
    failure: list[BaseException] = []
    loop = PlanningLoop()

    def work() -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(_run(program, setting, monitor))
        except (Exception, SystemExit, asyncio.CancelledError) as error:  # noqa: BLE001 - any program
            failure.append(error)
        finally:
            loop.settle()
            asyncio.set_event_loop(None)
            loop.close()

    with _ONE_AT_A_TIME, scrubbed_environment(), planning_speed():
        thread = threading.Thread(target=work, name="aifactory-plan", daemon=True)
        thread.start()
        thread.join()
    secrets = _secrets(setting, monitor) if monitor.findings else set()
    findings = [
        replace(finding, message=_without_secrets(finding.message, secrets))
        for finding in monitor.findings
    ]
    if failure:
        findings.append(_failed(failure[0], setting, monitor))
    return _construction(monitor, findings)


async def _run(program: Program, setting: Setting, monitor: Monitor) -> None:
    sdk_settings.ROOT.set(None)
    sdk_settings.configure(
        sdk_settings.Settings(
            project=setting.project,
            stack=setting.stack,
            monitor=monitor,
            engine=Engine(setting.unit, monitor.findings),
            parallel=1,
            dry_run=True,
            organization="organization",
            root_directory=".",
        )
    )
    monitor.transforms.callbacks = LocalCallbacks(monitor)
    sdk_settings.SETTINGS.callbacks = monitor.transforms.callbacks
    set_all_config(dict(setting.config), sorted(setting.config_secrets))
    await run_in_stack(program)


def _construction(monitor: Monitor, findings: list[Finding]) -> Construction:
    resources = [
        resource for resource in monitor.registered.values() if resource.type != urns.STACK_TYPE
    ]
    outputs = dict(sorted(monitor.outputs.items()))
    exported: Mapping[str, Any] = {}
    for urn in tuple(outputs):
        if urns.type_of(urn) == urns.STACK_TYPE:
            exported = outputs.pop(urn)
    return Construction(
        resources=tuple(sorted(resources, key=lambda resource: resource.urn)),
        outputs=exported,
        component_outputs=outputs,
        reads=tuple(sorted(monitor.reads, key=lambda read: read.urn)),
        invoked=tuple(sorted(set(monitor.invoked))),
        findings=tuple(findings),
    )


def _failed(error: BaseException, setting: Setting, monitor: Monitor) -> Finding:
    """The error in one line: its kind, its text without secrets, and where the program stood."""
    text = _without_secrets(str(error), _secrets(setting, monitor)).strip().partition("\n")[0]
    message = f"The program of unit `{setting.unit}` raised {type(error).__name__}"
    message += f": {text}" if text else " without a message"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not _machinery(frame.filename)]
    if own:
        message += f" (in {own[-1].name}, {PurePath(own[-1].filename).name}:{own[-1].lineno})"
    message = f"{message.rstrip('.')}."
    hint = "the resources registered before it are shown; the plan is not complete"
    if monitor.invoked:
        hint += (
            f"; offline these look-ups have no answer: {', '.join(sorted(set(monitor.invoked)))}"
        )
    return found(PROGRAM_FAILED, message, hint=hint)


def _machinery(filename: str) -> bool:
    """Whether a file belongs to what runs programs rather than to a program."""
    folders = PurePath(filename).parts[:-1]
    return (
        filename.startswith("<")
        or any(each in folders for each in ("pulumi", "asyncio"))
        or PurePath(filename).parent == PurePath(__file__).parent
    )


def _secrets(setting: Setting, monitor: Monitor) -> set[str]:
    found = {setting.config[key] for key in setting.config_secrets if setting.config.get(key)}
    for resource in monitor.registered.values():
        found.update(wire.secrets_in(resource.inputs))
    return found


def _without_secrets(text: str, secrets: set[str]) -> str:
    """The text with every secret taken out, as it is and as Python and JSON quote it.

    One of fewer than four characters is left: it would take half of any text with it.
    """
    forms: set[str] = set()
    for secret in secrets:
        quoted = (repr(secret)[1:-1], json.dumps(secret)[1:-1], repr(secret.encode())[2:-1])
        forms.update(form for form in (secret, *quoted) if len(form) >= SHORTEST_SECRET)
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, "[secret]")
    return text

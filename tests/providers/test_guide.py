"""The program in the guide runs, and the provider takes what it registers."""

from __future__ import annotations

import asyncio
import contextvars
import re
from pathlib import Path

import pulumi

from aifactory_iac.providers.plugin.registry import resource_type
from aifactory_iac.providers.plugin.structure import checked, inputs_of

GUIDE = Path(__file__).parents[2] / "docs" / "bare-metal.md"


class Registered(pulumi.runtime.Mocks):
    """Notes what a program registers."""

    def __init__(self) -> None:
        self.resources: list[tuple[str, dict]] = []

    def new_resource(self, args):
        self.resources.append((args.typ, _whole(args.inputs)))
        return f"{args.name}-id", args.inputs

    def call(self, args):
        return {}


def _whole(value):
    """Numbers as programs write them: mocks make floats of all."""
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def test_the_guides_program_is_what_the_provider_takes():
    (program,) = re.findall(r"```python\n(from .*?)```", GUIDE.read_text(), re.DOTALL)
    mocks = Registered()

    def run() -> None:
        # Whatever ran here before may have left the thread without a loop.
        asyncio.set_event_loop(asyncio.new_event_loop())
        pulumi.runtime.set_mocks(mocks)

        async def registering() -> None:
            exec(compile(program, str(GUIDE), "exec"), {})

        pulumi.runtime.test(registering)()

    # Pulumi's settings live in the context: what is set here ends here.
    contextvars.copy_context().run(run)
    asyncio.get_event_loop().close()
    asyncio.set_event_loop(None)
    # Resources arrive in no order of their own.
    assert sorted(token for token, _ in mocks.resources) == [
        "aifactory:metal:BmcAccounts",
        "aifactory:metal:FirmwareBaseline",
        "aifactory:metal:Machine",
    ]
    for token, inputs in mocks.resources:
        shape = inputs_of(token)
        assert shape is not None
        whole = checked(shape, inputs)
        assert list(whole.failures) == []
        assert list(resource_type(token).check(None, whole.inputs).failures) == []

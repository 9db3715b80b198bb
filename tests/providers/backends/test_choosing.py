"""Back ends: ours by name, others by entry point or path, and everything that is wrong at once."""

from __future__ import annotations

import asyncio
import importlib.metadata

import pytest

from aifactory_iac.providers.backends.choosing import (
    GROUP,
    BackendError,
    choice_failures,
    provisioner,
    read_choice,
)
from aifactory_iac.providers.backends.host_system import host_system
from aifactory_iac.providers.backends.ironic.provisioner import IronicProvisioner
from aifactory_iac.providers.machine.intent import Controller, MachineIntent
from aifactory_iac.providers.machine.lifecycle import State
from aifactory_iac.providers.machine.redfish_provisioner import RedfishProvisioner
from aifactory_iac.providers.secrets import SecretReader
from aifactory_iac.providers.surroundings import Settings, Surroundings

OUTSIDE = '''"""A back end of somebody else's, in a package that knows only the protocol."""
from aifactory_iac.providers.machine.lifecycle import State
from aifactory_iac.providers.machine.result import MachineResult


class Paper:
    """Machines that stand in a card index."""

    def __init__(self, cabinet):
        self.cabinet = cabinet

    async def observe(self, intent, before):
        return MachineResult(intent.name, State.AVAILABLE, observed={"cabinet": self.cabinet})

    async def converge(self, intent, before, gate):
        return await self.observe(intent, before)

    async def release(self, intent, before, gate):
        return MachineResult(intent.name, State.DETACHED)

    async def close(self):
        pass


def cards(choice, around):
    return Paper(choice.options["cabinet"])


nothing = 7
'''


NOBODY = (
    "the back end `paper_machines:nobody` cannot be loaded: module 'paper_machines' has no "
    "attribute 'nobody'"
)


@pytest.fixture
def around(tmp_path):
    return Surroundings(Settings(tmp_path), SecretReader({"env": lambda _path: "a:b"}))


@pytest.fixture
def outside(tmp_path, monkeypatch):
    (tmp_path / "paper_machines.py").write_text(OUTSIDE)
    monkeypatch.syspath_prepend(str(tmp_path))


def test_our_own(around):
    assert isinstance(provisioner(read_choice({}), around), RedfishProvisioner)
    ironic = {"kind": "ironic", "url": "http://127.0.0.1:6385", "options": {"owner": "p"}}
    made = provisioner(read_choice(ironic), around)
    assert isinstance(made, IronicProvisioner)
    assert (made.owner, made.forget) == ("p", True)


def test_one_of_somebody_elses_by_its_path(outside, around):
    value = {"kind": "paper_machines:cards", "options": {"cabinet": "A7"}}
    assert list(choice_failures(value)) == []
    made = provisioner(read_choice(value), around)
    result = asyncio.run(made.observe(MachineIntent("n1", Controller("10.0.0.1", None)), None))
    assert (result.state, result.observed) == (State.AVAILABLE, {"cabinet": "A7"})


def test_one_of_somebody_elses_by_its_entry_point(outside, around, monkeypatch):
    entry = importlib.metadata.EntryPoint("paper", "paper_machines:cards", GROUP)
    real = importlib.metadata.entry_points

    def entry_points(**asked):
        if asked.get("group") == GROUP:
            return importlib.metadata.EntryPoints([entry])
        return real(**asked)

    monkeypatch.setattr(importlib.metadata, "entry_points", entry_points)
    value = {"kind": "paper", "options": {"cabinet": "B1"}}
    assert list(choice_failures(value)) == []
    assert provisioner(read_choice(value), around).cabinet == "B1"
    assert [each.reason for each in choice_failures({"kind": "stone"})] == [
        "there is no back end `stone`; known are ironic, paper, redfish, and any `module:function`"
    ]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (
            "stone",
            "there is no back end `stone`; known are ironic, redfish, and any `module:function`",
        ),
        (
            "no_such_module:f",
            "the back end `no_such_module:f` cannot be loaded: No module named 'no_such_module'",
        ),
        ("paper_machines:nothing", "the back end `paper_machines:nothing` is no function"),
        (
            "paper_machines:nobody",
            NOBODY,
        ),
    ],
)  # fmt: skip
def test_what_is_not_there(outside, around, kind, reason):
    assert [(each.property, each.reason) for each in choice_failures({"kind": kind})] == [
        ("backend.kind", reason)
    ]
    with pytest.raises(BackendError):
        provisioner(read_choice({"kind": kind}), around)


def test_redfish_needs_nothing():
    found = list(choice_failures({"kind": "redfish", "url": "https://x"}))
    assert [each.property for each in found] == ["backend.url"]
    assert list(choice_failures({})) == []


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"url": "https://ironic"}, []),
        ({"url": "http://127.0.0.1:6385"}, []),
        ({"url": "http://ironic", "tls": "insecure"}, []),
        (
            {"url": "http://ironic"},
            [("url", "is plain http, and BMC passwords would go over it: use https")],
        ),
        ({"url": "ironic"}, [("url", "`ironic` is no URL such as `https://ironic.site:6385`")]),
        (
            {"url": "https://u:p@ironic/v1"},
            [
                ("url", "holds a user or a password: name a secret in `credentials`"),
                ("url", "ends in the version `/v1`, which we add: leave it out"),
            ],
        ),
        (
            {"url": "https://ironic", "auth": "basic"},
            [("credentials", "is required with `auth: basic`: a reference {store, path}")],
        ),
        (
            {"url": "https://ironic", "auth": "none", "credentials": {"store": "env"}},
            [("auth", "is `none`, and there are credentials: say `basic` or `token`")],
        ),
        (
            {"url": "https://ironic", "auth": "kerberos", "pasword": "x", "options": {"ower": "p"}},
            [
                ("pasword", "is none of kind, url, auth, credentials, tls, options"),
                ("options.ower", "is none of authority, deployer, forget, owner"),
                ("auth", "`kerberos` is none of none, basic, token"),
            ],
        ),
    ],
)
def test_what_is_wrong_with_an_ironic_is_said_at_once(value, found):
    failures = choice_failures({"kind": "ironic", **value})
    assert [(each.property, each.reason) for each in failures] == [
        (f"backend.{name}", reason) for name, reason in found
    ]


def test_credentials_without_a_kind_are_user_and_password():
    choice = read_choice({"kind": "ironic", "credentials": {"store": "env", "path": "I"}})
    assert choice.auth == "basic"


def test_an_authority_that_cannot_be_read(around, tmp_path):
    value = {"kind": "ironic", "url": "https://ironic"}
    with pytest.raises(BackendError, match="needs the provider's setting `siteCa`"):
        provisioner(read_choice(value), around)


@pytest.mark.parametrize(
    ("system", "given", "found"),
    [
        ("dgx-h100", "", "DGX"),
        ("dgx-h100", "Own", "Own"),
        ("dgx-gb200-nvl72", "", "System_0"),
        ("hgx-b200-air", "", ""),
    ],
)
def test_the_hosts_system_is_known_where_the_id_tells_who_built_the_controller(
    system, given, found
):
    intent = MachineIntent("n1", Controller("10.0.0.1", None, system=given), system=system)
    assert host_system(intent) == found

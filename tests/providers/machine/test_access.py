"""Accounts and certificate of a controller: the factory's way in is used once and then shut."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from aifactory_iac.lab.redfish.front.tls import authority
from aifactory_iac.providers.machine import access, certificate
from aifactory_iac.providers.machine.access import AccessError, AccessWish, AccountWish
from aifactory_iac.providers.machine.redfish_provisioner import RedfishProvisioner
from aifactory_iac.providers.redfish.client import ReadRetries
from aifactory_iac.providers.redfish.credential_marks import CredentialMarks
from aifactory_iac.providers.redfish.outcome import UnauthorizedError
from aifactory_iac.providers.secrets import Credentials

OURS = Credentials("operator", "correct-horse-1")
WATCHER = AccountWish(Credentials("watcher", "only-looking-1"), role="ReadOnly")
FACTORY = Credentials("admin", "admin")


@pytest.fixture
def bring(tmp_path):
    """Runs one pass over the accounts of the only machine."""

    def run(lab, wish: AccessWish):
        async def running():
            provisioner = RedfishProvisioner(lab.around(), retries=ReadRetries(most=1, first=0.1))
            intent = lab.intent()

            def client(credentials: Credentials):
                made = provisioner.client(intent)
                made.credentials = credentials
                return made

            try:
                marks = CredentialMarks(tmp_path / "set")
                return await access.bring(wish, client, marks, lab.said.append)
            finally:
                await provisioner.close()

        return asyncio.run(running())

    return run


def users(lab) -> dict[str, tuple[str, bool]]:
    accounts = lab.fleet.machines["n0001"].accounts.values()
    return {each.username: (each.role, each.enabled) for each in accounts}


@pytest.mark.parametrize("model", ["generic", "dgx-h100", "dgx-gb200", "dell-like", "hpe-like"])
def test_a_new_controller_is_entered_once_with_the_factory_credential(bench, bring, model):
    lab = bench(model=model, factory_credential=True)
    factory = Credentials(*lab.fleet.machines["n0001"].model.factory)
    wish = AccessWish(AccountWish(OURS), (WATCHER,), factory, factory_names=(factory.username,))
    found = bring(lab, wish)
    assert {each.name for each in found if each.enabled} == {"operator", "watcher"}
    assert users(lab)["watcher"] == ("ReadOnly", True)
    assert users(lab)[factory.username][1] is False
    assert len(lab.effects("lockout")) == 0
    before = len(lab.writes())
    bring(lab, wish)
    assert len(lab.writes()) == before


def test_a_factory_account_that_stays_ours_gets_our_password(bench, bring):
    lab = bench(model="dgx-h100", factory_credential=True)
    ours = Credentials("admin", "another-word-entirely-1")
    found = bring(lab, AccessWish(AccountWish(ours), factory=FACTORY, factory_names=("admin",)))
    assert [(each.name, each.must_change) for each in found] == [("admin", False)]
    assert lab.fleet.machines["n0001"].accounts["1"].password == ours.password


def test_a_factory_account_left_beside_ours_is_disabled(bench, bring):
    lab = bench(model="dgx-h100", factory_credential="beside")
    bring(lab, AccessWish(AccountWish(OURS), factory_names=("admin", "root")))
    assert users(lab)["admin"][1] is False


def test_a_changed_secret_is_set_once_and_proven_by_a_login(bench, bring):
    lab = bench()
    bring(lab, AccessWish(AccountWish(OURS), (WATCHER,)))
    other = replace(WATCHER, credentials=Credentials("watcher", "another-look-2"))
    bring(lab, AccessWish(AccountWish(OURS), (other,)))
    watcher = next(
        each for each in lab.fleet.machines["n0001"].accounts.values() if each.username == "watcher"
    )
    assert watcher.password == "another-look-2"
    before = len(lab.writes())
    bring(lab, AccessWish(AccountWish(OURS), (other,)))
    assert len(lab.writes()) == before


def test_roles_and_switched_off_accounts_are_brought_back(bench, bring):
    lab = bench()
    wish = AccessWish(AccountWish(OURS), (WATCHER,))
    bring(lab, wish)
    watcher = next(
        each for each in lab.fleet.machines["n0001"].accounts.values() if each.username == "watcher"
    )
    watcher.role, watcher.enabled = "Administrator", False
    bring(lab, wish)
    assert users(lab)["watcher"] == ("ReadOnly", True)


def test_alone_switches_off_everybody_else(bench, bring):
    lab = bench()
    bring(lab, AccessWish(AccountWish(OURS), (WATCHER,)))
    bring(lab, AccessWish(AccountWish(OURS), alone=True))
    assert users(lab)["watcher"] == ("ReadOnly", False)


def test_a_wrong_password_is_tried_once_and_never_again(bench, bring):
    lab = bench()
    wrong = AccountWish(Credentials("operator", "not-that-one"))
    for _ in range(3):
        with pytest.raises(UnauthorizedError):
            bring(lab, AccessWish(wrong))
    assert len(lab.effects("login-failed")) == 1


def test_a_password_that_is_too_short_is_refused_in_words_without_it(bench, bring):
    lab = bench(model="dgx-gb200")
    short = AccountWish(Credentials("watcher", "x1"), role="ReadOnly")
    with pytest.raises(AccessError) as caught:
        bring(lab, AccessWish(AccountWish(OURS), (short,)))
    assert str(caught.value).startswith("its controller refuses to create account watcher: 400: ")
    assert "x1" not in str(caught.value).split()


def test_a_lost_answer_makes_no_second_account(bench, bring):
    lab = bench(
        faults="""
faults:
  - name: lost
    when: {method: POST, path: "*/Accounts", times: 1}
    do: {kind: lose-answer}
"""
    )
    bring(lab, AccessWish(AccountWish(OURS), (WATCHER,)))
    assert len(lab.effects("account-created")) == 1


def test_a_certificate_is_replaced_once_and_seen_on_the_wire(bench, tmp_path):
    folder = tmp_path / "tls"
    folder.mkdir()
    lab = bench(tls_folder=folder)
    issued = authority(folder).issue(folder, "another")
    pem = Path(issued.cert).read_text() + Path(issued.key).read_text()

    async def running() -> str:
        provisioner = RedfishProvisioner(lab.around())
        client = provisioner.client(lab.intent())
        try:
            return await certificate.bring(client, pem, lab.around().clock)
        finally:
            await client.close()
            await provisioner.close()

    assert asyncio.run(running()) == certificate.fingerprint(pem)
    assert asyncio.run(running()) == certificate.fingerprint(pem)
    assert len(lab.effects("certificate-replaced")) == 1

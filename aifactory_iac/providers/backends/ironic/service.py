"""What is asked of an Ironic: a look at a node, and orders. Every request is one of these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from aifactory_iac.providers.backends.ironic.decide import Move, Seen
from aifactory_iac.providers.backends.ironic.node import FIELDS, Node, read_identity, read_node
from aifactory_iac.providers.backends.ironic.rest import IronicRest
from aifactory_iac.providers.machine.identity import Identity
from aifactory_iac.providers.machine.intent import MachineIntent
from aifactory_iac.providers.redfish.outcome import MissingError

_FIELDS = ",".join(FIELDS)


@dataclass(slots=True)
class Service:
    """One Ironic; keeps who has which BMC as it was when it was first asked."""

    rest: IronicRest
    _addresses: dict[str, str] | None = None

    async def look(self, intent: MachineIntent, address: str, *, drives: bool = False) -> Seen:
        """The node of a machine with its last inspection; `address` is that of its BMC.

        Raises a `RedfishError`.
        """
        try:
            document = await self.rest.get(f"/nodes/{quote(intent.name, safe='')}?fields={_FIELDS}")
        except MissingError:
            if self._addresses is None:
                self._addresses = await self.addresses()
            return Seen(None, known_as=self._addresses.get(address, ""))
        node = read_node(document)
        identity = await self._identity(node)
        if not drives:
            return Seen(node, identity)
        attached = await self._attached(node)
        return Seen(node, identity, attached, await self._boots(node) if attached else "")

    async def addresses(self) -> dict[str, str]:
        """Names of all nodes by the address of their BMC."""
        found: dict[str, str] = {}
        path = "/nodes?fields=uuid,name,driver_info&limit=500"
        while path:
            page = await self.rest.get(path)
            for each in page.get("nodes") or ():
                address = str((each.get("driver_info") or {}).get("redfish_address") or "")
                if address:
                    found[address] = str(each.get("name") or each["uuid"])
            last = page["nodes"][-1]["uuid"] if page.get("next") and page.get("nodes") else ""
            path = f"/nodes?fields=uuid,name,driver_info&limit=500&marker={last}" if last else ""
        return found

    async def order(self, node: Node, move: Move) -> None:
        """Gives one order, once. Raises a `RedfishError`."""
        what = "power" if move.power else "provision"
        body: dict[str, Any] = {"target": move.target, **move.body}
        await self.rest.send("PUT", f"/nodes/{node.uuid}/states/{what}", body)

    async def _identity(self, node: Node) -> Identity | None:
        try:
            return read_identity(await self.rest.get(f"/nodes/{node.uuid}/inventory"))
        except MissingError:
            return None

    async def _boots(self, node: Node) -> str:
        found = await self.rest.get(f"/nodes/{node.uuid}/management/boot_device")
        return str(found.get("boot_device") or "") if found.get("persistent") else ""

    async def _attached(self, node: Node) -> tuple[str, ...]:
        found = await self.rest.get(f"/nodes/{node.uuid}/vmedia")
        return tuple(str(each["image"]) for each in found if each.get("inserted"))

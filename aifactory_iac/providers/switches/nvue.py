"""NVUE, the interface of Cumulus Linux: revisions, staged and applied with a confirm step.

Paths, states and answers are those of NVIDIA's pages "NVUE API" (Cumulus Linux 5.2 to 5.14): POST
`/revision`, PATCH `/?rev=N`, GET `/?rev=A&diff=B`, PATCH `/revision/N` with `state: apply`, and
`state: save` on `/revision/applied`. The confirm step (`state-controls: {confirm: seconds}`, state
`confirm`, then `confirm_yes`) and the list of states are not on those pages; they are as two public
clients use them on switches, NVIDIA's own configuration manager among them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from aifactory_iac.providers.switches.driver import Change, Identity, Running, State, Survey
from aifactory_iac.providers.switches.errors import (
    LostAnswerError,
    RefusedError,
    SwitchError,
    UnreachableError,
)
from aifactory_iac.providers.switches.nvue_states import as_change, current, version
from aifactory_iac.providers.switches.nvue_tree import IMPLIED, normalised
from aifactory_iac.providers.switches.rest import Answer, Rest
from aifactory_iac.providers.switches.tree import Edit, Goal, Tree, after, apart_from, same, towards

PORT = 8765
BASE = "/nvue_v1"
_NAMED = ("applied", "startup", "operational", "pending", "empty")
"""Revisions that go by a name: views of numbered ones."""


class NvueDriver:
    """One switch that speaks NVUE."""

    def __init__(self, rest: Rest) -> None:
        """Takes the server, based at `BASE`."""
        self._rest = rest

    async def read(self) -> Running:
        """Configuration without defaults, the applied revision, and who the switch is."""
        system = self._object(await self._rest.get("/system"), "its system")
        platform = await self._rest.get("/platform")
        if platform.status != 200 or "serial-number" not in self._object(platform, "its platform"):
            # Releases before 5.6 keep the board one level down.
            platform = await self._rest.get("/platform/hardware")
        board = platform.body if isinstance(platform.body, Mapping) else {}
        revisions = await self._revisions()
        tree = await self._tree("applied")
        return Running(
            tree=tree,
            revision=current(revisions),
            identity=Identity(
                hostname=str(system.get("hostname", "")),
                serial=str(board.get("serial-number", "")).strip(),
                model=str(board.get("product-name", "")),
                version=version(system),
            ),
        )

    def wanted(self, config: Mapping[str, Any], running: Running) -> Tree:  # noqa: ARG002
        """Ranges and lists written out; NVUE needs to know nothing of the switch for that."""
        return normalised(config)

    def owned(self, config: Mapping[str, Any], running: Running) -> Tree:
        """All but the host name."""
        return apart_from(self.wanted(config, running), ("system", "hostname"))

    async def survey(self, goal: Goal, running: Running, begun: str | None) -> Survey:  # noqa: ARG002
        """Looks at every revision that is not history; one without any difference is nobody's."""
        ours: Change | None = None
        others: list[str] = []
        for revision, body in (await self._revisions()).items():
            change = as_change(revision, body)
            if change.state not in ("staged", "busy", "waiting"):
                continue
            if revision == begun:
                ours = change
            elif change.state != "staged" or not same(
                await self._tree(revision), running.tree, IMPLIED
            ):
                others.append(
                    f"revision {revision} is in state `{body.get('state')}`; have it applied, or "
                    "let go of it (`nv config detach`), then run again"
                )
        return Survey(ours, tuple(others))

    async def begin(self, goal: Goal) -> Change:  # noqa: ARG002
        """A new revision. After a lost answer it is looked for: it is the new one without edits."""
        before = await self._revisions()
        for again in (True, False):
            try:
                answer = await self._rest.send("POST", "/revision")
            except LostAnswerError:
                applied = await self._tree("applied")
                new = [each for each in await self._revisions() if each not in before]
                empty = [each for each in new if same(await self._tree(each), applied)]
                if empty:
                    return Change(empty[-1], "staged")
                if not again:
                    raise
            else:
                self._accepted(answer, "a new revision")
                return Change(str(next(iter(self._object(answer, "a new revision")))), "staged")
        raise AssertionError("the second attempt returns or raises")

    async def stage(self, change: Change, goal: Goal, running: Running) -> None:
        """Makes the revision the running configuration with the edit: what goes, then what comes.

        NVUE leaves open in which order one request would do both.
        """
        target = after(running.tree, goal.edit(running.tree))
        edit = towards(await self._tree(change.id), target, IMPLIED)
        for part in (Edit(remove=edit.remove), Edit(set=edit.set)):
            if part:
                await self._put(change.id, part)

    async def validate(self, change: Change, goal: Goal, running: Running) -> None:
        """The staged revision is the running configuration with the edit, and nothing else.

        NVUE judges a revision when it is told to apply it: then its state becomes `invalid`, and
        nothing of it has come into force.
        """
        staged = await self._tree(change.id)
        if not same(staged, after(running.tree, goal.edit(running.tree)), IMPLIED):
            raise RefusedError(
                f"{self._name}: revision {change.id} is not what was put into it; it is left alone"
            )

    async def apply(self, change: Change, goal: Goal, seconds: int) -> Change:
        """Applies with a confirm step."""
        body = {
            "state": "apply",
            "auto-prompt": {"ays": "ays_yes"},
            "state-controls": {"confirm": seconds},
        }
        return await self._told(change, goal, body, while_in="staged")

    async def observe(self, change: Change, goal: Goal) -> Change:  # noqa: ARG002
        """The state of the revision."""
        answer = await self._rest.get(f"/revision/{_quoted(change.id)}")
        return as_change(change.id, self._object(answer, f"revision {change.id}"))

    async def confirm(self, change: Change, goal: Goal) -> Change:
        """Answers the confirm question with yes."""
        body = {"state": "confirm_yes", "auto-prompt": {"ays": "ays_yes"}}
        return await self._told(change, goal, body, while_in="waiting")

    async def roll_back(self, change: Change) -> None:
        """Answers the confirm question with no."""
        body = {"state": "confirm_no", "auto-prompt": {"ays": "ays_yes"}}
        try:
            await self._rest.send("PATCH", f"/revision/{_quoted(change.id)}", body=body)
        except LostAnswerError:
            # Unanswered, the question ends the same way when its time is over.
            return

    async def saved(self, goal: Goal, running: Running) -> bool:  # noqa: ARG002
        """Whether the startup revision says what we want."""
        return goal.holds(await self._tree("startup"))

    async def save(self, change: Change | None) -> None:  # noqa: ARG002
        """Makes the applied revision the startup revision. Saving twice does no harm."""
        body = {"state": "save", "auto-prompt": {"ays": "ays_yes"}}
        for again in (True, False):
            try:
                answer = await self._rest.send("PATCH", "/revision/applied", body=body)
            except LostAnswerError:
                if not again:
                    raise
            else:
                self._accepted(answer, "saving")
                return

    async def reconnect(self) -> None:
        """Closes all connections."""
        await self._rest.close()

    async def close(self) -> None:
        """Closes all connections."""
        await self._rest.close()

    async def _put(self, revision: str, part: Edit) -> None:
        """Absolute values: after a lost answer one looks, and repeats them if need be."""
        for again in (True, False):
            try:
                body = part.remove or part.set
                answer = await self._rest.send("PATCH", "/", {"rev": revision}, body)
            except LostAnswerError:
                tree = await self._tree(revision)
                if same(tree, after(tree, part)):
                    return
                if not again:
                    raise
            else:
                self._accepted(answer, f"the content of revision {revision}")
                return

    async def _told(
        self, change: Change, goal: Goal, body: Mapping[str, Any], *, while_in: State
    ) -> Change:
        """Asks for a step. After a lost answer the revision is read: has it left its state?

        Only when it has not, twice, is the step asked for again, once. A switch that cannot be
        asked now may have done it: whoever waits for the change sees that.
        """
        for again in (True, False):
            try:
                path = f"/revision/{_quoted(change.id)}"
                answer = await self._rest.send("PATCH", path, body=body)
            except LostAnswerError:
                if await self._left(change, goal, while_in) or not again:
                    break
            else:
                self._accepted(answer, f"`{body['state']}` of revision {change.id}")
                break
        return Change(change.id, "busy")

    async def _left(self, change: Change, goal: Goal, state: State) -> bool:
        """Whether the revision has left a state, or that cannot be seen now."""
        try:
            for _ in range(2):
                if (await self.observe(change, goal)).state != state:
                    return True
        except UnreachableError:
            return True
        return False

    async def _tree(self, revision: str) -> Tree:
        answer = await self._rest.get("/", {"rev": revision, "filled": "false"})
        return self._object(answer, f"revision {revision}")

    async def _revisions(self) -> dict[str, Mapping[str, Any]]:
        """Numbered revisions, oldest first."""
        found = self._object(await self._rest.get("/revision"), "its revisions")
        return {
            name: body
            for name, body in found.items()
            if name not in _NAMED and isinstance(body, Mapping)
        }

    def _object(self, answer: Answer, what: str) -> Mapping[str, Any]:
        if answer.status == 200 and answer.body is None:
            return {}
        if answer.status not in (200, 201) or not isinstance(answer.body, Mapping):
            raise SwitchError(f"{self._name} does not show {what}: {answer.detail}")
        return answer.body

    def _accepted(self, answer: Answer, what: str) -> None:
        if answer.status >= 400:
            raise RefusedError(f"{self._name} refused {what}", (answer.detail,))

    @property
    def _name(self) -> str:
        return self._rest.reach.name


def _quoted(revision: str) -> str:
    """Revisions of 5.0 to 5.5 are called `changeset/user/time`."""
    return quote(revision, safe="")

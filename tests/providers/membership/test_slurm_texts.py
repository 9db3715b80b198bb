"""What Slurm's programs say, as values; and the commands that are run, never through a shell."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from aifactory_iac.providers.membership.drain import (
    AccessRefusedError,
    NodeTakenError,
    SchedulerError,
    UnreachableError,
)
from aifactory_iac.providers.membership.scheduler import Declared, Workload
from aifactory_iac.providers.membership.slurm import commands
from aifactory_iac.providers.membership.slurm.features import Mark, refeatured
from aifactory_iac.providers.membership.slurm.node_text import parse
from aifactory_iac.providers.membership.slurm.nodes import SlurmNodes
from aifactory_iac.providers.membership.slurm.standing import look

NODE = """\
NodeName=g1 Arch=x86_64 CoresPerSocket=1
   CPUAlloc=0 CPUEfctv=112 CPUTot=112 CPULoad=3.58
   AvailableFeatures={features}
   ActiveFeatures={features}
   NodeAddr=127.0.0.1 NodeHostName=localhost Port=1 Version=22.05.8
   OS=Linux 6.1 State=NOT-THIS
   State={state} ThreadsPerCore=1 TmpDisk=0 Weight=1 Owner=N/A MCS_label=N/A
   {rest}
"""


def text(state: str = "IDLE", features: str = "(null)", rest: str = "") -> str:
    return NODE.format(state=state, features=features, rest=rest)


@pytest.mark.parametrize(
    ("state", "drained", "answers", "busy"),
    [
        ("IDLE", False, True, False),
        ("IDLE+DRAIN", True, True, False),
        ("MIXED+DRAIN", True, True, True),
        ("ALLOCATED", False, True, True),
        ("IDLE+COMPLETING", False, True, True),
        ("DOWN*+DRAIN", True, False, False),
        ("IDLE+NOT_RESPONDING", False, False, False),
        ("UNKNOWN", False, False, False),
        ("FUTURE", False, False, False),
    ],
)
def test_the_parts_of_a_state(state, drained, answers, busy):
    node = parse(text(state))
    assert (node.drained_flag, node.answers, node.busy) == (drained, answers, busy)


def test_free_texts_have_a_line_to_themselves():
    node = parse(
        text(
            features="a_b,c",
            rest="Reason=bad fan State=IDLE [root@2026-11-28T10:57]\n   Comment=by me, with = in",
        )
    )
    assert node.reason == "bad fan State=IDLE"
    assert node.comment == "by me, with = in"
    assert node.features == ("a_b", "c")
    with pytest.raises(ValueError, match="did not describe a node"):
        parse("slurm is down")


def test_the_mark_reads_back_and_a_persons_comment_is_none():
    mark = Mark("fra1/hpc/a", ("b", "a"))
    assert str(mark) == "aifactory|fra1/hpc/a|a,b"
    assert Mark.read(str(mark)) == Mark("fra1/hpc/a", ("a", "b"))
    assert Mark.read("call me | before") == Mark.read("") == Mark()


def test_features_of_others_stay():
    assert refeatured(("fast", "old", "a"), ("old", "a"), ("a", "new")) == ("fast", "a", "new")


@pytest.mark.parametrize("name", ["ALL", "g[1-2]", "g1,g2", "", "-x", "g1 State=DOWN"])
def test_a_name_that_is_more_than_one_node_never_reaches_a_command(name):
    with pytest.raises(SchedulerError, match="is no name of one Slurm node"):
        commands.update_node(name, {"State": "DRAIN"})


def script(folder: Path, name: str, body: str) -> None:
    place = folder / name
    place.write_text(f"#!/bin/sh\n{body}\n")
    place.chmod(0o755)


def run_in(folder: Path, command: tuple[str, ...]) -> str:
    return asyncio.run(commands.local(commands.SlurmAccess(folder / "conf", folder))(command))


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("Unable to contact slurm controller (connect failure)", UnreachableError),
        ("Access/permission denied", AccessRefusedError),
        ("Invalid node name specified", SchedulerError),
    ],
)
def test_how_a_program_fails(tmp_path, said, error):
    script(tmp_path, "scontrol", f'echo "slurm_load_node error: {said}" >&2; exit 1')
    with pytest.raises(error) as raised:
        run_in(tmp_path, ("scontrol", "ping"))
    assert type(raised.value) is error
    assert str(raised.value) == f"scontrol: slurm_load_node error: {said}"


def test_a_program_is_given_the_clusters_own_file_and_no_shell(tmp_path):
    script(tmp_path, "scontrol", 'echo "$SLURM_CONF" "$@"')
    said = run_in(tmp_path, ("scontrol", "update", "Reason=a; b $(c)"))
    assert said == f"{tmp_path}/conf update Reason=a; b $(c)\n"


def test_a_program_that_is_not_there_or_does_not_end(tmp_path, monkeypatch):
    with pytest.raises(SchedulerError, match="squeue is not installed on this machine"):
        run_in(tmp_path, ("squeue",))
    script(tmp_path, "scontrol", "exec sleep 60")
    monkeypatch.setattr(commands, "SECONDS", 0.05)
    with pytest.raises(UnreachableError, match="no answer within"):
        run_in(tmp_path, ("scontrol", "ping"))


class Scripted:
    """Answers commands by their first words."""

    def __init__(self, **answers: str | Exception) -> None:
        self.answers = answers
        self.asked: list[tuple[str, ...]] = []

    async def __call__(self, command):
        self.asked.append(tuple(command))
        answer = self.answers["_".join(command[:2])]
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_a_node_that_another_took_in_between_is_theirs():
    run = Scripted(scontrol_show=text(rest="Comment=aifactory|other|x"), scontrol_update="")
    nodes = SlurmNodes(run, "me")
    view = asyncio.run(nodes.observe("g1", work=False))
    assert view.owner == "other"
    free = SlurmNodes(Scripted(scontrol_show=text(), scontrol_update=""), "me")
    free_view = asyncio.run(free.observe("g1", work=False))
    with pytest.raises(NodeTakenError):
        asyncio.run(nodes.declare(view, Declared({}, ())))
    with pytest.raises(NodeTakenError) as error:
        asyncio.run(nodes.declare(free_view, Declared({}, ())))
    assert str(error.value) == "node g1 belongs to other already"


def test_one_job_that_cannot_be_requeued_does_not_keep_the_others():
    run = Scripted(scontrol_requeue=SchedulerError("Only batch jobs are accepted"))
    jobs = [Workload("job 1", "1"), Workload("job 2", "2"), Workload("silent", "")]
    asyncio.run(SlurmNodes(run, "me").end(jobs, requeue=True))
    assert run.asked == [("scontrol", "requeue", "1"), ("scontrol", "requeue", "2")]
    lost = SlurmNodes(Scripted(scontrol_requeue=UnreachableError("gone")), "me")
    with pytest.raises(UnreachableError):
        asyncio.run(lost.end(jobs, requeue=True))


def test_answers_that_are_none_of_slurms():
    with pytest.raises(SchedulerError, match="does not say its ClusterName"):
        asyncio.run(SlurmNodes(Scripted(scontrol_show="?"), "me").identity())
    with pytest.raises(SchedulerError, match="did not describe a node"):
        asyncio.run(SlurmNodes(Scripted(scontrol_show="?"), "me").observe("g1"))
    with pytest.raises(SchedulerError, match="Invalid"):
        asyncio.run(
            SlurmNodes(Scripted(scontrol_show=SchedulerError("Invalid")), "me").observe("g1")
        )


def test_how_a_controller_stands():
    run = Scripted(
        scontrol_show="SLURM_VERSION = 22.05.8\nClusterName = hpc\n",
        **{"sinfo_--noheader": "g1|idle\ng2|down*\ng3|drained\ng1|idle\nnoise\n"},
    )
    found = asyncio.run(look(run, "hpc"))
    assert (found.version, found.nodes, found.ready) == (
        "22.05.8",
        ("g1", "g2", "g3"),
        ("g1", "g3"),
    )
    assert found.missing((), ("g1", "g9"), "24.11", encrypt=False) == [
        "node g9 is not known to it",
        "it runs 22.05.8, not 24.11",
    ]
    with pytest.raises(SchedulerError, match="does not say its version"):
        asyncio.run(look(Scripted(scontrol_show="?"), "hpc"))

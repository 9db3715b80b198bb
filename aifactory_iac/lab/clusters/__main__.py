"""`python -m aifactory_iac.lab.clusters SPEC.json`: clusters as a process of its own.

Prints one JSON line when every cluster can be used, then keeps them until SIGTERM, SIGINT, or the
end of its standard input, so that it never outlives whoever started it.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from aifactory_iac.lab.clusters.daemon import DaemonError
from aifactory_iac.lab.clusters.kubernetes import KubernetesLab
from aifactory_iac.lab.clusters.slurm import SlurmLab
from aifactory_iac.lab.clusters.spec import Spec, SpecError, read_spec

Lab = KubernetesLab | SlurmLab


async def serve(spec: Spec) -> int:
    """Starts all clusters, says so, and waits for the end; 1 when one does not come up."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    labs: list[Lab] = []
    try:
        for cluster in spec.clusters:
            kind = KubernetesLab if cluster.kind == "kubernetes" else SlurmLab
            labs.append(await kind.start(cluster, spec.folder / cluster.id))
        sys.stdout.write(json.dumps(ready_line(labs)) + "\n")
        sys.stdout.flush()
        threading.Thread(target=_wait_for_input, args=(loop, ended), daemon=True).start()
        await ended.wait()
    except DaemonError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        for lab in reversed(labs):
            await lab.stop()
    return 0


def ready_line(labs: list[Lab]) -> dict[str, Any]:
    """Where everything is; `absent` names what the clusters have to do without."""
    answer: dict[str, Any] = {"ready": True, "endpoints": {}, "kubeconfigs": {}, "credentials": {}}
    for lab in labs:
        for key, content in lab.answer.items():
            answer[key] |= content
    if answer["kubeconfigs"]:
        answer["kubeconfig"] = next(iter(answer["kubeconfigs"].values()))
    answer["absent"] = sorted({text for lab in labs for text in lab.absent})
    return answer


def main(arguments: list[str]) -> int:
    """Serves the clusters of a specification; 2 when it is none, 1 when they do not come up."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m aifactory_iac.lab.clusters SPEC.json\n")
        return 2
    try:
        spec = read_spec(Path(arguments[0]))
    except SpecError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return asyncio.run(serve(spec))


def _wait_for_input(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    while sys.stdin.read(4096):
        pass
    loop.call_soon_threadsafe(ended.set)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

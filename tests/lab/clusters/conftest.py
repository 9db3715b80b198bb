"""Stand-ins for the programs of a cluster: they do as much as is waited for.

The stand-in for an API server speaks TLS with the lab's own certificate, takes the lab's tokens and
keeps objects as they are sent; it decides nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

API_SERVER = f"""#!{sys.executable}
import asyncio, json, ssl, sys
from aiohttp import web
flags = dict(each[2:].split("=", 1) for each in sys.argv[1:])
users = dict(line.split(",")[:2] for line in open(flags["token-auth-file"]))
kept = {{}}
async def handle(request):
    if request.headers.get("Authorization", "").removeprefix("Bearer ") not in users:
        return web.json_response({{}}, status=401)
    path = request.path
    if path == "/flags":
        return web.json_response(flags)
    if request.method == "GET":
        if path in ("/readyz", "/api/v1/namespaces/default"):
            return web.json_response({{}})
        if path in kept:
            return web.json_response(kept[path])
        kind = "/" + path.rpartition("/")[2] + "/"
        items = [body for place, body in kept.items() if kind in place]
        return web.json_response({{"items": items}})
    if request.method == "DELETE":
        kept.pop(path, None)
        return web.json_response({{}})
    body = await request.json()
    if request.method == "POST":
        path += "/" + body["metadata"]["name"]
        kept[path] = body
    else:
        place = kept[path.removesuffix("/status")]
        place["status"] = {{**place.get("status", {{}}), **body["status"]}}
    return web.json_response({{}})
async def main():
    app = web.Application()
    app.router.add_route("*", "/{{tail:.*}}", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(flags["tls-cert-file"], flags["tls-private-key-file"])
    await web.TCPSite(
        runner, "127.0.0.1", int(flags["secure-port"]), ssl_context=context
    ).start()
    await asyncio.Event().wait()
asyncio.run(main())
"""

IDLE = "#!/bin/sh\nexec sleep 600\n"

SLURM = {
    "munged": (
        '#!/bin/sh\nfor each; do case "$each" in --socket=*) : > "${each#--socket=}";; esac; done\n'
        "exec sleep 600\n"
    ),
    "slurmctld": IDLE,
    "slurmd": IDLE,
    "scontrol": "#!/bin/sh\necho 'Slurmctld(primary) is UP'\n",
    "sinfo": "#!/bin/sh\necho idle\n",
}


@pytest.fixture
def stand_ins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all of them, and no others to be found."""
    folder = tmp_path / "programs"
    folder.mkdir()
    kubernetes = dict.fromkeys(("etcd", "kube-controller-manager", "kube-scheduler"), IDLE) | {
        "kube-apiserver": API_SERVER
    }
    for name, text in {**kubernetes, **SLURM}.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("AIFACTORY_LAB_BIN", str(folder))
    return folder

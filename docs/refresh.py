"""Runs the commands that the pages show, and puts what they print below them.

A block that starts with ```console holds commands after `$ ` and what they print. `$ make plan` is
run as the command it stands for. `python docs/refresh.py` rewrites the pages and pictures,
`python docs/refresh.py --check` says which are stale; a test does the same.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"(?P<open>```console\n)(?P<body>.*?)(?P<close>```)", re.DOTALL)
PICTURES = {
    "docs/images/superpod-h100.svg": ("graph", "superpod-h100"),
    "docs/images/regulated-hybrid.svg": ("graph", "regulated-hybrid"),
}
STANDS_FOR = {"make plan": "aifactory plan superpod-h100 -p scalable_units=4"}


def pages() -> Iterator[Path]:
    """Pages with commands in them."""
    yield ROOT / "README.md"
    yield from sorted((ROOT / "blueprints").glob("*/README.md"))


def refreshed(text: str) -> str:
    """The page with what its commands print now."""
    return BLOCK.sub(lambda block: block["open"] + _body(block["body"]) + block["close"], text)


def stale() -> list[str]:
    """Names of pages and pictures that no longer say what the commands print."""
    found = [str(page.relative_to(ROOT)) for page in pages() if _is_stale(page)]
    for name, arguments in PICTURES.items():
        target = ROOT / name
        if not target.is_file() or target.read_text() != _picture(arguments):
            found.append(name)
    return found


def _is_stale(page: Path) -> bool:
    text = page.read_text()
    return refreshed(text) != text


def _body(body: str) -> str:
    if "aifactory" not in body and "$ make plan" not in body:
        return body
    lines: list[str] = []
    for line in body.splitlines():
        if line.startswith("$ "):
            lines.append(line)
            lines += _printed(line.removeprefix("$ ").partition("  #")[0].strip())
    return "".join(f"{line}\n" for line in lines)


def _printed(command: str) -> list[str]:
    command = STANDS_FOR.get(command, command)
    command, _, cut = command.partition(" | head -")
    words = command.split()
    if words[0] != "aifactory":
        return []
    done = _run(*words[1:])
    lines = (done.stdout + done.stderr).rstrip().splitlines()
    return lines[: int(cut)] if cut else lines


def _picture(arguments: tuple[str, ...]) -> str:
    target = ROOT / "docs" / "images" / ".drawing.svg"
    try:
        _run(*arguments, "-o", str(target))
        return target.read_text()
    finally:
        target.unlink(missing_ok=True)


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "aifactory_iac", *words],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        timeout=120,
    )


def main() -> int:
    """Refreshes, or with `--check` only says what is stale."""
    if "--check" in sys.argv[1:]:
        names = stale()
        sys.stderr.write("".join(f"stale: {name}\n" for name in names))
        return 1 if names else 0
    for page in pages():
        page.write_text(refreshed(page.read_text()))
    for name, arguments in PICTURES.items():
        (ROOT / name).write_text(_picture(arguments))
    return 0


if __name__ == "__main__":
    sys.exit(main())

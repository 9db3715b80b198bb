"""Every library blueprint, broken in a thousand seeded ways.

Never an exception, never longer than five seconds, and never a silent success that changes
meaning: a text that is accepted must have every value that an independent YAML reader sees in it,
and it has the same digest only if it means the same.

Slow because it loads six thousand documents: about a minute and a half on one core.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from aifactory_iac.api import Factory, load
from aifactory_iac.library import volumes

WAYS = 1000
BATCHES = 5
LONGEST = 5.0

Lines = list[str]
Mutation = Callable[[Lines, random.Random], Lines]


def pick(lines: Lines, dice: random.Random) -> int:
    return dice.choice([row for row, line in enumerate(lines) if line.strip()])


def delete_a_line(lines: Lines, dice: random.Random) -> Lines:
    row = pick(lines, dice)
    return lines[:row] + lines[row + 1 :]


def repeat_a_line(lines: Lines, dice: random.Random) -> Lines:
    row = pick(lines, dice)
    return [*lines[: row + 1], lines[row], *lines[row + 1 :]]


def swap_two_lines(lines: Lines, dice: random.Random) -> Lines:
    one, other = pick(lines, dice), pick(lines, dice)
    swapped = list(lines)
    swapped[one], swapped[other] = swapped[other], swapped[one]
    return swapped


def indent_a_line(lines: Lines, dice: random.Random) -> Lines:
    row = pick(lines, dice)
    return [*lines[:row], " " * dice.choice((1, 2, 4)) + lines[row], *lines[row + 1 :]]


def outdent_a_line(lines: Lines, dice: random.Random) -> Lines:
    row = pick(lines, dice)
    return [*lines[:row], lines[row].removeprefix("  "), *lines[row + 1 :]]


def misspell(lines: Lines, dice: random.Random) -> Lines:
    row = pick(lines, dice)
    line = lines[row]
    column = dice.randrange(len(line))
    letter = dice.choice("abcdefghijklmnopqrstuvwxyz-_ :,{}[]#&*!|>'\"%@`0123456789.é\u2028\t\x00")
    before, after = line[:column], line[column + 1 :]
    changed = dice.choice(
        (before + after, before + letter + line[column:], before + letter + after)
    )
    return [*lines[:row], changed, *lines[row + 1 :]]


def replace_a_value(lines: Lines, dice: random.Random) -> Lines:
    rows = [row for row, line in enumerate(lines) if ": " in line]
    if not rows:
        return lines
    row = dice.choice(rows)
    places = [at for at in range(len(lines[row])) if lines[row].startswith(": ", at)]
    at = dice.choice(places) + 2
    end = min([each for each in (lines[row].find(",", at), lines[row].find("}", at)) if each > 0]
              or [len(lines[row])])  # fmt: skip
    value = dice.choice(
        ("", "null", "true", "no", "-1", "0", "1e400", "99999999999999999999", "3.7", "'3'",
         "[]", "{}", "[1, 2]", "{a: 1}", "hello", "4 PB", "4 kW", "4 Gb/s", "12 parsec", "${nope}",
         "${env:HOME}", "dgx-h1000", "2026-13-45", "!!binary aGk=", "*anchor", "&anchor x", "~",
         "10.0.0.0/8", "-----BEGIN PRIVATE KEY-----", "x" * 3000, ".inf", ".nan", "0x1F")
    )  # fmt: skip
    return [*lines[:row], lines[row][:at] + value + lines[row][end:], *lines[row + 1 :]]


def cut_short(lines: Lines, dice: random.Random) -> Lines:
    text = "\n".join(lines)
    return text[: dice.randrange(1, len(text))].split("\n")


def insert_a_line(lines: Lines, dice: random.Random) -> Lines:
    row = pick(lines, dice)
    line = dice.choice(("surprise: 1", "  - name: twin", "---", "...", "%YAML 1.1", "? a", "- x",
                        "<<: {count: 1}", "  system: dgx-h100", "\ttab: 1",
                        "a: &a [*a]"))  # fmt: skip
    return [*lines[:row], line, *lines[row:]]


MUTATIONS: tuple[Mutation, ...] = (
    delete_a_line, repeat_a_line, swap_two_lines, indent_a_line, outdent_a_line, misspell,
    replace_a_value, cut_short, insert_a_line,
)  # fmt: skip


def read_apart(text: str) -> Any:
    """What another YAML reader sees; `None` when it sees nothing that is one."""
    try:
        return YAML(typ="safe", pure=True).load(text)
    except (YAMLError, ValueError, RecursionError, OverflowError, AttributeError, KeyError):
        return None


def leaves(
    value: Any, path: tuple[str | int, ...] = (), *, inherits: bool = False
) -> Iterator[tuple[str | int, ...]]:
    """Paths of all scalars; where a parent is extended, a null takes away and is none."""
    if isinstance(value, dict) and value:
        for key, each in value.items():
            yield from leaves(each, (*path, key), inherits=inherits)
    elif isinstance(value, list) and value:
        for index, each in enumerate(value):
            name = each.get("name") if isinstance(each, dict) else None
            step = name if isinstance(name, str) else index
            yield from leaves(each, (*path, step), inherits=inherits)
    elif value is not None or not inherits:
        yield path


def meaning(factory: Factory) -> Any:
    """The blueprint without its parameters' declarations, named lists by name."""
    return _by_name(factory.blueprint.model_dump(mode="json", exclude={"parameters"}))


def _by_name(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _by_name(each) for key, each in value.items()}
    if isinstance(value, list) and all(isinstance(each, dict) and "name" in each for each in value):
        return {each["name"]: _by_name(each) for each in value}
    return value


def check(name: str, text: str, folder: Path, original: Factory, data: Any) -> None:
    file = folder / "blueprint.yaml"
    file.write_text(text, encoding="utf-8", errors="surrogateescape", newline="")
    start = time.process_time()
    factory = load(str(file))
    assert time.process_time() - start < LONGEST
    if not factory.valid:
        assert any(finding.severity.rank >= 3 for finding in factory.findings)
        assert all(finding.message and finding.rule for finding in factory.findings)
        assert all(finding.span is not None for finding in factory.findings), factory.findings
        return
    seen = read_apart(text)
    if seen is None:
        return
    for path in leaves(seen, inherits="extends" in seen):
        assert factory.loaded.origins.node(path) is not None, f"{name}: {path} was dropped"
    if seen == data:
        assert factory.loaded.digest == original.loaded.digest
    if factory.loaded.digest == original.loaded.digest:
        # Parameters count by their values, which are in the places that use them.
        assert meaning(factory) == meaning(original)


@pytest.mark.parametrize("batch", range(BATCHES))
@pytest.mark.parametrize("volume", volumes(), ids=lambda volume: volume.name)
def test_no_mutation_gives_an_exception_or_a_silent_change(volume, batch, tmp_path):
    text = volume.document.read_text()
    original = load(str(volume.document))
    data = read_apart(text)
    for way in range(batch * WAYS // BATCHES, (batch + 1) * WAYS // BATCHES):
        dice = random.Random(f"{volume.name} {way}")
        lines = text.split("\n")
        for _ in range(dice.choice((1, 1, 1, 2, 3))):
            lines = dice.choice(MUTATIONS)(lines, dice) if any(map(str.strip, lines)) else lines
        try:
            check(volume.name, "\n".join(lines), tmp_path, original, data)
        except AssertionError as error:
            raise AssertionError(f"way {way}: {error}") from error

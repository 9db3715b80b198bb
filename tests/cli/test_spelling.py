"""One spelling means one thing in every verb, and help teaches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import click
import pytest

from aifactory_iac.cli.main import VERBS, aifactory
from aifactory_iac.cli.options import assignments


def commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group, **aifactory.context_settings)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")


ALL = dict(commands(aifactory, "aifactory"))
LEAVES = {name: each for name, each in ALL.items() if not isinstance(each, click.Group)}

OWN_MEANING = {
    "--format",  # the choices are the verb's
    "--out",  # a folder of files, a project, a sealed plan
    "--output",  # of `graph`, the picture
    "--force",
}


def options() -> dict[str, dict[str, set[str]]]:
    """Spelling to what it says, to the commands that say so."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for name, command in LEAVES.items():
        for each in command.params:
            if isinstance(each, click.Option):
                kind = each.type.to_info_dict()
                meaning = f"{each.opts} {each.help} {kind} {each.metavar} {each.multiple}"
                for spelling in (*each.opts, *each.secondary_opts):
                    found[spelling][meaning].add(name)
    return found


@pytest.mark.parametrize("spelling", sorted(set(options()) - OWN_MEANING))
def test_an_option_means_the_same_wherever_it_is_spelled(spelling):
    assert list(options()[spelling].values()) == [set().union(*options()[spelling].values())]


@pytest.mark.parametrize("name", LEAVES)
def test_every_result_can_be_had_without_colours_and_in_more_words(name):
    spelled = {each for param in LEAVES[name].params for each in param.opts}
    if name != "aifactory completion":
        assert {"--no-color", "-v", "--debug", "--output"} <= spelled


@pytest.mark.parametrize("name", LEAVES)
def test_every_option_and_every_verb_says_what_it_does(name):
    command = LEAVES[name]
    assert command.help
    assert command.help.splitlines()[0].endswith(".")
    for each in command.params:
        if isinstance(each, click.Option):
            assert each.help, (name, each.opts)
            assert each.help.endswith("."), each.help


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("width", [80, 100])
def test_help_fits_the_terminal(name, width):
    command = ALL[name]
    settings = {**aifactory.context_settings, "max_content_width": width}
    context = click.Context(command, info_name=name, terminal_width=width, **settings)
    for line in command.get_help(context).splitlines():
        assert len(line) <= max(width, 100) if line.startswith("  aifactory ") else width


@pytest.mark.parametrize("name", sorted(LEAVES))
def test_every_example_is_a_command_that_exists(name):
    parent = ALL[name if name in ALL and ALL[name].epilog else name.rpartition(" ")[0]]
    lines = [line.strip() for line in (parent.epilog or "").splitlines()]
    for line in lines:
        words = line.replace("source <(", "").rstrip(")").split()
        if words and words[0] == "aifactory":
            assert words[1] in VERBS
            verb = ALL[f"aifactory {words[1]}"]
            if isinstance(verb, click.Group):
                verb = verb.commands[words[2]]
            spelled = {each for param in verb.params for each in param.opts}
            assert {word for word in words if word.startswith("-") and len(word) > 1} <= spelled


def test_the_table_of_verbs_is_the_modules(run):
    shown = run("--help").out
    for verb, line in VERBS.items():
        assert f"  {verb:<11} {line}" in shown


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], {}),
        (["a=1"], {"a": "1"}),
        (["a=1", "a=2"], {"a": "2"}),
        (["a=b=c"], {"a": "b=c"}),
        (["a="], {"a": ""}),
        ([" a = 1"], {"a": " 1"}),
    ],
)
def test_assignments(given, expected):
    assert assignments(given) == expected


@pytest.mark.parametrize("given", ["a", "", "=1", "  =1"])
def test_what_is_no_assignment_is_a_usage_error(run, given):
    result = run("validate", "superpod-h100", "-p", given)
    assert result.code == 2
    assert f"`{given}` is not NAME=VALUE, such as scalable_units=2" in result.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("valdate",), "There is no command `valdate`. Did you mean `validate`?"),
        (("xyzzy",), "There is no command `xyzzy`."),
        (("plan", "superpod-h100", "--formt", "json"), "--format"),
        (("plan", "superpod-h100", "--engine"), "No such option"),
        (("plan", "superpod-h100", "--format", "jsn"), "'json'"),
        (("policy", "lst"), "lst"),
        (("policy", "show", "aif-fb-001"), "Did you mean `AIF-FAB-001`?"),
        (("policy", "test", "nonsense"), "There is no rule `NONSENSE`."),
        (("blueprint", "lint", "superpod-h10"), "Did you mean `superpod-h100`?"),
        (("blueprint", "test", "nonsense"), "There is no blueprint `nonsense`."),
        (("schema", "blueprnt"), "'blueprint'"),
        (("check", "superpod-h100", "--profile", "standrd"), "Did you mean `standard`?"),
        (("check", "superpod-h100", "--pack", "cor"), "Did you mean `core`?"),
        (("check", "superpod-h100", "--at", "tomorrow"), "tomorrow"),
        (("check", "superpod-h100", "--waivers", "no.yaml"), "'no.yaml' does not exist"),
        (("plan", "superpod-h100", "--rules", "no/"), "does not exist"),
        (("plan", "superpod-h100", "--state", "no/"), "does not exist"),
        (("completion", "tcsh"), "'bash'"),
        (("graph", "superpod-h100", "-o", "a.png"), "only SVG is drawn; name the file a.svg"),
        (("export", "superpod-h100"), "--out"),
    ],
    ids=" ".join,
)
def test_a_slip_of_the_fingers_is_told_what_was_meant(run, arguments, said):
    result = run(*arguments)
    assert result.code == 2
    assert result.out == ""
    assert said in result.err


def test_what_profiles_there_are_is_said(run):
    said = run("check", "superpod-h100", "--profile", "xyzzy").err
    assert "There is no profile `xyzzy`; there are " in said
    assert "production" in said


def test_plan_is_offline_whether_or_not_one_says_so(run):
    said, unsaid = (
        run("plan", "startup-cloud", *flag, "--format", "json") for flag in (("--offline",), ())
    )
    assert (said.code, said.out) == (unsaid.code, unsaid.out)

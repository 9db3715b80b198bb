"""The `aifactory` command: verbs are loaded when they are used, errors become exit codes.

Exit codes are a contract (docs/reference/cli.md): 0 done, 1 the world failed, 2 the input is wrong,
3 the gate says no, 4 a rule failed or only unknowns block, 5 changes with `--detailed-exitcode`,
6 refused, 130 interrupted.
"""

from __future__ import annotations

import importlib
import io
import os
import sys
from collections.abc import Sequence

import click

from aifactory_iac import __version__
from aifactory_iac.cli.options import DEBUG
from aifactory_iac.cli.suggesting import no_such

FAILED, INTERRUPTED = 1, 130
COMPLETING = "_AIFACTORY_COMPLETE"
"""The variable by which a shell asks for completions."""

VERBS: dict[str, str] = {
    "init": "A new stack, or a blueprint of your own, from the library.",
    "blueprint": "The library: list, show, lint, test.",
    "validate": "Structure and meaning of a blueprint, offline.",
    "explain": "Where a value comes from, and what a change of it does.",
    "design": "The engineered factory: nodes, racks, networks, power.",
    "estimate": "Power, cost, carbon, training time, serving capacity.",
    "graph": "A picture of the factory.",
    "check": "The policy gate.",
    "policy": "The rules: list, show, test.",
    "plan": "Everything that would change, its impact, cost and verdict.",
    "export": "A stand-alone Pulumi project that needs only Pulumi.",
    "inventory": "An inventory of record against the blueprint.",
    "lab": "Real emulators on loopback to apply against.",
    "schema": "The published JSON Schemas.",
    "doctor": "What is installed, and what each missing part would give.",
    "completion": "Shell completion.",
}


class LazyVerbs(click.Group):
    """Knows every verb's name and one line, and imports the module of the one that runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """In the order in which a user meets them."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The verb's command object, imported on demand."""
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"aifactory_iac.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with the nearest verb named when there is none of that name."""
        name = args[0]
        if name not in VERBS and not name.startswith("-"):
            error = no_such("command", name, VERBS)
            error.ctx = ctx
            raise error
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The one-liners from the table, so that `--help` imports no verb."""
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.group(
    cls=LazyVerbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""First steps:

\b
  aifactory blueprint list                            what there is to start from
  aifactory plan superpod-h100 -p scalable_units=2    what a factory amounts to
  aifactory init factory --from startup-cloud         a stack of your own
  aifactory completion --help                         TAB for verbs, targets and rules
""",
)
@click.version_option(__version__, prog_name="aifactory")
@DEBUG
def aifactory() -> None:
    """One blueprint becomes an engineered, policy-checked Pulumi plan.

    A TARGET is a library blueprint's name, a directory, or a blueprint or stack file. Nothing here
    needs a network, credentials or the Pulumi CLI.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point: runs a verb and exits with its documented code; never shows a traceback."""
    given = list(arguments if arguments is not None else sys.argv[1:])
    _forgive_encodings()
    try:
        code = aifactory.main(args=given, prog_name="aifactory", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        code = INTERRUPTED
    except Exception as error:
        if "--debug" in given:
            raise
        code = _apologise(error)
    sys.exit(code if isinstance(code, int) else 0)


def _apologise(error: Exception) -> int:
    """What the world did is told apart from what is wrong in here; nothing during completion."""
    if COMPLETING in os.environ:
        return FAILED
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        click.echo(f"Error: {place}{error.strerror or error}", err=True)
    elif isinstance(error, MemoryError):
        click.echo("Error: this machine has not enough memory for that factory", err=True)
    else:
        click.echo(
            f"Internal error: {type(error).__name__}: {error}\n"
            "This is a bug in aifactory, not in your document. Run again with --debug for the "
            "traceback and report it.",
            err=True,
        )
    return FAILED


def _forgive_encodings() -> None:
    """A terminal that cannot show a character shows a question mark, and no error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")

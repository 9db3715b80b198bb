"""The `aifactory` command: verbs are loaded when they are used, errors become exit codes.

Exit codes are a contract (docs/reference/cli.md): 0 done, 1 the world failed, 2 the input is wrong,
3 the gate says no, 4 a rule failed or only unknowns block, 5 changes with `--detailed-exitcode`,
6 refused, 130 interrupted.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

import click

from aifactory_iac import __version__

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
        import difflib

        name = args[0]
        if name not in VERBS and not name.startswith("-"):
            near = difflib.get_close_matches(name, VERBS, n=1)
            meant = f" Did you mean `{near[0]}`?" if near else ""
            ctx.fail(f"No such command `{name}`.{meant}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The one-liners from the table, so that `--help` imports no verb."""
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.group(
    cls=LazyVerbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Try: aifactory plan superpod-h100 -p scalable_units=2",
)
@click.version_option(__version__, prog_name="aifactory")
def aifactory() -> None:
    """One blueprint becomes an engineered, policy-checked Pulumi plan.

    A TARGET is a library blueprint's name, a directory, or a blueprint or stack file. Nothing here
    needs a network, credentials or the Pulumi CLI.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point: runs a verb and exits with its documented code; never shows a traceback."""
    debug = "--debug" in (arguments if arguments is not None else sys.argv[1:])
    try:
        code = aifactory.main(
            args=list(arguments) if arguments is not None else None, standalone_mode=False
        )
    except click.exceptions.Exit as leaving:
        code = leaving.exit_code
    except click.UsageError as error:
        error.show()
        code = 2
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        code = 130
    except BrokenPipeError:
        # The reader has gone (`aifactory ... | head`): there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception as error:
        if debug:
            raise
        click.echo(
            f"Internal error: {type(error).__name__}: {error}\n"
            "This is a bug in aifactory, not in your document. Run again with --debug for the "
            "traceback and report it.",
            err=True,
        )
        code = 1
    sys.exit(code if isinstance(code, int) else 0)

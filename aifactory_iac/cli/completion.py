"""`aifactory completion`: the script that makes a shell complete verbs, options and targets."""

from __future__ import annotations

import click

_SHELLS = ("bash", "zsh", "fish")


@click.command(
    epilog="""Examples:

\b
  source <(aifactory completion bash)
  aifactory completion zsh > ~/.zfunc/_aifactory
  aifactory completion fish > ~/.config/fish/completions/aifactory.fish
"""
)
@click.argument("shell", type=click.Choice(_SHELLS))
def command(shell: str) -> None:
    """Print the completion script of a shell."""
    from click.shell_completion import get_completion_class

    from aifactory_iac.cli.main import COMPLETING, aifactory
    from aifactory_iac.cli.options import Output
    from aifactory_iac.cli.write import write_result

    completion = get_completion_class(shell)
    if completion is None:
        raise click.UsageError(f"no completion for {shell}")
    script = completion(aifactory, {}, "aifactory", COMPLETING).source()
    write_result(f"{script}\n", Output())

"""`exoscore completion`: what a shell runs to complete commands, options and values."""

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the script that completes commands, options and values in a shell.

    \b
    Examples:
      echo 'eval "$(exoscore completion bash)"' >> ~/.bashrc
      exoscore completion zsh > ~/.zfunc/_exoscore
      exoscore completion fish > ~/.config/fish/completions/exoscore.fish
    """
    from service.cli import main

    complete = get_completion_class(shell)
    if complete is None:
        raise ValueError(shell)
    click.echo(complete(main, {}, "exoscore", "_EXOSCORE_COMPLETE").source())

"""The command line: one thin command a public function.

Commands are loaded when they are called, so that ``detente --help`` starts at once.
Exit codes: 0 fine; 1 faults in a file, a difference found, or no answer; 2 wrong use, or
a file or device that cannot be used; 3 our fault.
"""

from __future__ import annotations

import gc
import importlib
import io
import os
import re
import shlex
import sys
from collections.abc import Sequence
from typing import Any

import click

from detente.errors import DetenteError, interrupted
from detente.results.provenance import asked_by

COMMANDS = {
    "audit": ("detente.cli.audit:audit", "How secure is each state, and at whose expense?"),
    "backtest": (
        "detente.cli.backtest:backtest",
        "Predict disputes out of sample, and score the prediction.",
    ),
    "collapse": (
        "detente.cli.transition:collapse",
        "Who would stay in an organisation if membership had a cost?",
    ),
    "compare": (
        "detente.cli.transition:compare",
        "Put proposals side by side: who gains, who pays, who consents?",
    ),
    "dependence": (
        "detente.cli.transition:dependence",
        "What would each state lose without an actor's commitments?",
    ),
    "explain": ("detente.cli.transition:explain", "Why is a state as secure as it is?"),
    "plan": (
        "detente.cli.transition:plan",
        "Which steps lead to a proposal with nobody worse off, or who would lose?",
    ),
    "crisis": ("detente.cli.crisis:crisis", "Where does a crisis stand, and who is a party to it?"),
    "data": ("detente.cli.evidence:data", "Add, list and cite the field's data sets."),
    "offers": ("detente.cli.settlement:offers", "Put the offers of a conflict side by side."),
    "settle": (
        "detente.cli.settlement:settle",
        "Which offer beats fighting on, for whom, and what could all accept?",
    ),
    "panel": ("detente.cli.evidence:panel", "Build a table of dyad-years from your data sets."),
    "check": ("detente.cli.scenario:check", "Report every fault of a scenario package."),
    "diff": ("detente.cli.scenario:diff", "Say what differs between two scenarios."),
    "calibrate": (
        "detente.cli.evidence:calibrate",
        "Fit the parameters of a lens or of the crisis model to your data sets.",
    ),
    "export": ("detente.cli.network:export", "Write the ties of a scenario as a network."),
    "history": ("detente.cli.evidence:history", "Write the long view: every year since 1816."),
    "lenses": ("detente.cli.lenses:lenses", "List the models, with what they cannot say."),
    "new": ("detente.cli.scenario:new", "Start a scenario package of your own."),
    "reproduce": (
        "detente.cli.reproduce:reproduce",
        "Recompute every published number that detente claims to reproduce.",
    ),
    "claims": ("detente.cli.claims:claims", "Who asserts and who denies what, in a scenario?"),
    "read": ("detente.cli.claims:read", "Read an article into claims, each with who says so."),
    "review": ("detente.cli.claims:review", "Accept or reject the claims of a file one by one."),
    "why": ("detente.cli.claims:why", "Why does a row stand in a scenario, and who denies it?"),
    "scenarios": ("detente.cli.scenario:scenarios", "List the scenarios that come with detente."),
    "show": ("detente.cli.scenario:show", "Describe a scenario, or one state in it."),
    "states": ("detente.cli.scenario:states", "List the states of a scenario with their codes."),
}
"""Where each command lives, and its line in the list."""

SECTIONS = {
    "Security and its price": ("audit", "explain", "lenses"),
    "From one architecture to another": ("compare", "plan", "dependence", "collapse"),
    "Crisis and settlement": ("crisis", "offers", "settle"),
    "Who said so": ("claims", "why", "read", "review"),
    "Scenarios": ("scenarios", "show", "states", "new", "check", "diff", "export"),
    "Data and tests": ("data", "panel", "history", "calibrate", "backtest", "reproduce"),
}
"""The commands by the question that they answer, as ``detente --help`` lists them."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands in alphabetical order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command, or return None if there is no such one."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; say what was probably meant if there is none."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from detente.errors import suggest

            guess = suggest(args[0], COMMANDS, limit=99)
            raise click.UsageError(f"there is no command '{args[0]}'. {guess}".strip(), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands by section without importing any, in columns of one width."""
        width = max(map(len, COMMANDS))
        for section, names in SECTIONS.items():
            with formatter.section(section):
                formatter.write_dl([(name.ljust(width), COMMANDS[name][1]) for name in names])


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Begin with:  detente audit eurasia-2024 --report eurasia.html",
)
@click.version_option(package_name="detente", message="detente %(version)s")
def cli() -> None:
    """A laboratory for security architectures: who is secure, at whose expense, how sure we are.

    It neither forecasts nor recommends policy.
    """


class ShownStream:
    """A stream on which marks that steer a terminal are written out, wherever they come from.

    Names, titles and texts of files, of results and of the command itself go to the terminal
    through it; detente itself writes none of these marks.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text; what steers a terminal is shown instead of obeyed."""
        return int(self._stream.write(STEERING.sub(lambda match: ascii(match[0])[1:-1], text)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


STEERING = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
"""Escape sequences, other controls and marks of direction; line ends and tabs are none."""


def _stopped() -> int:
    """Say that the user stopped the command, and return the exit code for it."""
    click.echo("interrupted; nothing was left half-written", err=True)
    return 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit; no traceback reaches the user.

    Set ``DETENTE_DEBUG=1`` to see where an internal fault comes from.
    """
    # A command keeps what it builds until it ends: looking for cycles after every 700 new objects
    # costs a twentieth of the time of an audit and frees next to nothing.
    gc.set_threshold(50_000, 20, 50)
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a letter of a name shows a mark instead.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout = ShownStream(sys.stdout)
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr = ShownStream(sys.stderr)
    asked_by(shlex.join(["detente", *(sys.argv[1:] if arguments is None else arguments)]))
    try:
        code = cli.main(
            args=None if arguments is None else list(arguments),
            prog_name="detente",
            standalone_mode=False,
        )
        if sys.stdout is not None:
            sys.stdout.flush()
    except click.exceptions.Exit as done:
        code = done.exit_code
    except click.ClickException as error:
        error.show()
        code = 2
    except (click.Abort, KeyboardInterrupt):
        code = _stopped()
    except DetenteError as error:
        click.echo(f"detente: {error}", err=True)
        code = error.exit_code
    except BrokenPipeError:
        # The reader, such as head, has gone: nothing more to say, and no complaint at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:
        click.echo(f"detente: {error.filename or 'output'}: {error.strerror or error}", err=True)
        code = 2
    except MemoryError:
        click.echo("detente: not enough memory for this; try fewer draws or changes", err=True)
        code = 2
    except Exception as error:
        if interrupted(error):
            code = _stopped()
        elif os.environ.get("DETENTE_DEBUG"):
            raise
        else:
            click.echo(
                f"detente: internal fault, not yours ({type(error).__name__}: {error}). "
                "Set DETENTE_DEBUG=1 and run again to see where, and please report it.",
                err=True,
            )
            code = 3
    finally:
        asked_by("")
    sys.exit(code if isinstance(code, int) else 0)

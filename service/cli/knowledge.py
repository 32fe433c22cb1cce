"""`exoscore knowledge`: the terms and names that Exoscore understands."""

import click

from models.candidates.candidate import FIELD_BY_NAME
from models.candidates.names import read_name
from service.cli import reference_tables
from service.cli.output import as_json, open_tables, print_json
from service.cli.terms import terms_of
from training.report.formatting import humanize

_TYPES = terms_of(FIELD_BY_NAME["cargo_type"])


@click.group()
def knowledge() -> None:
    """Look up names of cargo, and import tables of cargo roles and targets."""


for command in (reference_tables.import_, reference_tables.sources, reference_tables.remove):
    knowledge.add_command(command)


@knowledge.command()
@click.argument("names", nargs=-1, required=True)
@click.option("--cargo-type", default="", type=_TYPES, help="The type of cargo to read NAMES as first.")
@as_json
def name(names: tuple[str, ...], cargo_type: str, as_json: bool) -> None:
    """Show how each of NAMES is understood, as cargo and as a term of the vocabulary.

    \b
    Examples:
      exoscore knowledge name miR-21 HCC "M2 macrophage"
      exoscore knowledge name p53 --cargo-type protein
    """
    parser = open_tables().features.parser
    read = [read_name(parser, text, cargo_type) for text in names]
    if as_json:
        print_json([reading.as_dict() for reading in read])
        return
    for text, cargo, terms in read:
        parts = [f"{humanize(field)} {' or '.join(match.names)} ({match.how})" for field, match in terms.items()]
        if cargo.how != "unknown":
            identifier = f", {cargo.identifier}" if cargo.identifier else ""
            choice = f"; can mean {', '.join(cargo.alternatives)}" if cargo.alternatives else ""
            parts.insert(0, f"{humanize(cargo.kind)} {cargo.name} ({cargo.how}{identifier}{choice})")
        click.echo(f"{text}: {' | '.join(parts) or 'unknown'}")

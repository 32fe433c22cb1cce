"""`exoscore knowledge`: the words and names that Exoscore understands."""

import click

from models.candidates.candidate import FIELD_BY_NAME
from service.cli import reference_tables
from service.cli.output import as_json, open_tables, print_json


@click.group()
def knowledge() -> None:
    """Names and roles of cargo, the vocabulary, and a lab's own tables of roles and targets."""


for command in (reference_tables.import_, reference_tables.sources, reference_tables.remove):
    knowledge.add_command(command)


@knowledge.command()
@click.argument("names", nargs=-1, required=True)
@click.option("--cargo-type", default="", help="Read NAMES first as names of this type of cargo.")
@as_json
def name(names: tuple[str, ...], cargo_type: str, as_json: bool) -> None:
    """Say what each of NAMES is read as, and how: cargo, and terms of the vocabulary."""
    features = open_tables().features
    read = []
    for text in names:
        terms = {
            field: match
            for field, spec in FIELD_BY_NAME.items()
            if spec.controlled and (match := features.vocabulary.lookup(field, text)).names
        }
        read.append((text, features.parser.naming.cargo(cargo_type, text), terms))
    if as_json:
        print_json(
            [
                {
                    "given": text,
                    "cargo": cargo._asdict() | {"recognised": cargo.recognised},
                    "terms": {field: {"names": match.names, "how": match.how} for field, match in terms.items()},
                }
                for text, cargo, terms in read
            ]
        )
        return
    for text, cargo, terms in read:
        parts = [f"{field} {' or '.join(match.names)} ({match.how})" for field, match in terms.items()]
        if cargo.how != "unknown":
            identifier = f", {cargo.identifier}" if cargo.identifier else ""
            choice = f"; can mean {', '.join(cargo.alternatives)}" if cargo.alternatives else ""
            parts.insert(0, f"{cargo.kind} {cargo.name} ({cargo.how}{identifier}{choice})")
        click.echo(f"{text}: {' | '.join(parts) or 'unknown'}")

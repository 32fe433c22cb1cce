"""`exoscore vocabulary`: the terms that each field accepts."""

import click

from models.vocabulary.vocabulary import FIELDS
from service.cli.output import as_json, open_tables, print_json, print_table
from service.cli.terms import Offered


@click.command()
@click.argument("field", default="", type=Offered(FIELDS))
@as_json
def vocabulary(field: str, as_json: bool) -> None:
    """List the terms that FIELD accepts, with identifiers and definitions, or the fields that have terms.

    \b
    Examples:
      exoscore vocabulary
      exoscore vocabulary cancer_type
      exoscore vocabulary source_phenotype --json
    """
    if field and field not in FIELDS:
        raise click.BadParameter(f"Choose one of {', '.join(FIELDS)}.", param_hint="FIELD")
    words = open_tables().features.vocabulary
    if as_json:
        print_json(words.as_dict([field] if field else FIELDS))
    elif field:
        terms = [(term.name, term.curie, term.parent, term.definition) for term in words.terms(field)]
        print_table(("term", "identifier", "broader term", "definition"), terms)
    else:
        print_table(("field", "terms"), [(name, len(words.names(name))) for name in FIELDS], numbers=("terms",))

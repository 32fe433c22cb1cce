"""Sources: the shipped votes name them all, and a table is the same bytes for any order of its rows."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from models.knowledge.sources import (
    ROLE_SOURCES,
    SHIPPED_ROLES,
    SOURCES,
    RoleRow,
    TargetRow,
    modification_stamp,
    read_roles,
    read_targets,
    role_table,
    target_table,
)

SHIPPED = read_roles(SHIPPED_ROLES)


def test_the_sources_of_the_shipped_votes_are_those_that_can_be_imported() -> None:
    assert {name for row in SHIPPED for name in row.sources} == {source.shipped_as for source in ROLE_SOURCES}
    kinds = {source.shipped_as: source.kind for source in ROLE_SOURCES}
    assert [row for row in SHIPPED for name in row.sources if kinds[name] != row.kind] == []


def test_only_votes_on_micrornas_sum_several_sources() -> None:
    assert {row.kind for row in SHIPPED if len(row.sources) > 1} == {"mirna"}


def test_the_shipped_votes_are_a_table_of_their_own_form() -> None:
    assert role_table(SHIPPED) == SHIPPED_ROLES.read_bytes()


@given(st.permutations(SHIPPED[:12]))
def test_a_role_table_is_the_same_for_any_order(rows: list[RoleRow]) -> None:
    assert role_table(rows) == role_table(SHIPPED[:12])


def test_a_target_table_reads_as_it_was_written(tmp_path: Path) -> None:
    rows = [TargetRow("miR-21-5p", "PTEN", 12), TargetRow("let-7a-5p", "KRAS", 3)]
    path = tmp_path / "mirtarbase.tsv"
    path.write_bytes(target_table(rows))
    assert read_targets(path) == rows[::-1]


def test_the_stamp_of_a_folder_changes_with_its_tables_and_with_nothing_else(tmp_path: Path) -> None:
    stamps = [modification_stamp(tmp_path / "missing"), modification_stamp(tmp_path)]
    (tmp_path / "hmdd.json").write_text("{}")
    stamps.append(modification_stamp(tmp_path))
    assert set(stamps) == {()}
    for source in SOURCES:
        (tmp_path / f"{source}.tsv").write_text(source)
        stamps.append(modification_stamp(tmp_path))
    assert len(set(stamps)) == 1 + len(SOURCES)

"""Roles united with a lab's own tables: no report counts twice, and the tables that were shipped change nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import KnowledgeError
from models.knowledge.roles import Roles, merge_role_tables
from models.knowledge.sources import ROLE_SOURCES, SHIPPED_ROLES, RoleRow, Source, read_roles, role_table

MIRCANCER, HMDD, CANCERMINE, LNCTARD = ROLE_SOURCES
KEYS = [("mirna", cargo, tumour) for cargo in ("miR-1", "miR-2") for tumour in ("", "glioma")]

votes = st.tuples(st.integers(0, 9), st.integers(0, 9))
table = st.dictionaries(st.sampled_from(KEYS), votes)


def rows(of: dict[tuple[str, str, str], tuple[int, int]], source: str = "imported") -> list[RoleRow]:
    return [RoleRow(*key, *counts, (source,)) for key, counts in of.items()]


def summed(*tables: tuple[Source, dict[tuple[str, str, str], tuple[int, int]]]) -> list[RoleRow]:
    """What a shipped table looks like: the counts of several sources, summed row by row."""
    found: dict[tuple[str, str, str], RoleRow] = {}
    for source, of in tables:
        for key, (suppressing, oncogenic) in of.items():
            before = found.get(key, RoleRow(*key, 0, 0))
            found[key] = RoleRow(
                *key,
                before.suppressing + suppressing,
                before.oncogenic + oncogenic,
                (*before.sources, source.shipped_as),
            )
    return list(found.values())


def counted(found: list[RoleRow]) -> dict[tuple[str, str, str], tuple[int, int]]:
    return {row.key: (row.suppressing, row.oncogenic) for row in found}


@given(table, table)
def test_importing_the_very_tables_that_were_shipped_changes_nothing(mircancer, hmdd) -> None:  # type: ignore[no-untyped-def]
    shipped = summed((MIRCANCER, mircancer), (HMDD, hmdd))
    for imported in (
        {},
        {MIRCANCER: rows(mircancer)},
        {HMDD: rows(hmdd)},
        {MIRCANCER: rows(mircancer), HMDD: rows(hmdd)},
    ):
        assert counted(merge_role_tables(shipped, imported)) == counted(shipped)


@given(table, table, table)
def test_no_report_is_counted_twice_and_none_of_the_imported_is_lost(mircancer, hmdd, newer) -> None:  # type: ignore[no-untyped-def]
    found = counted(merge_role_tables(summed((MIRCANCER, mircancer), (HMDD, hmdd)), {MIRCANCER: rows(newer)}))
    for key in KEYS:
        old, other, new = (of.get(key, (0, 0)) for of in (mircancer, hmdd, newer))
        for side in (0, 1):
            count = found.get(key, (0, 0))[side]
            assert max(new[side], other[side]) <= count <= other[side] + max(old[side], new[side])


@given(table, table, table, table)
def test_with_all_sources_of_a_row_imported_nothing_shipped_is_left_of_it(old, older, mircancer, hmdd) -> None:  # type: ignore[no-untyped-def]
    found = merge_role_tables(summed((MIRCANCER, old), (HMDD, older)), {MIRCANCER: rows(mircancer), HMDD: rows(hmdd)})
    assert counted(found) == counted(summed((MIRCANCER, mircancer), (HMDD, hmdd)))


SOME_SHIPPED = read_roles(SHIPPED_ROLES)[:20]


@given(table, table)
def test_the_order_of_imported_tables_and_rows_does_not_matter(mircancer, hmdd) -> None:  # type: ignore[no-untyped-def]
    one = merge_role_tables(SOME_SHIPPED, {MIRCANCER: rows(mircancer), HMDD: rows(hmdd)})
    other = merge_role_tables(SOME_SHIPPED[::-1], {HMDD: rows(hmdd)[::-1], MIRCANCER: rows(mircancer)[::-1]})
    assert Roles(one).fingerprint == Roles(other).fingerprint


def test_the_three_rules_row_by_row() -> None:
    shipped = [
        RoleRow("mirna", "miR-1", "", 5, 1, (MIRCANCER.shipped_as,)),
        RoleRow("mirna", "miR-2", "", 5, 1, (HMDD.shipped_as,)),
        RoleRow("mirna", "miR-3", "", 5, 1, (HMDD.shipped_as, MIRCANCER.shipped_as)),
        RoleRow("gene", "PTEN", "", 9, 1, (CANCERMINE.shipped_as,)),
    ]
    imported = [RoleRow("mirna", cargo, "", 2, 3, ("miRCancer",)) for cargo in ("miR-2", "miR-3")]
    assert counted(merge_role_tables(shipped, {MIRCANCER: imported})) == {
        ("mirna", "miR-2", ""): (7, 4),
        ("mirna", "miR-3", ""): (5, 3),
        ("gene", "PTEN", ""): (9, 1),
    }


def test_a_folder_without_tables_is_the_shipped_votes(tmp_path: Path) -> None:
    shipped = Roles.load()
    assert Roles.load(tmp_path).fingerprint == Roles.load(tmp_path / "missing").fingerprint == shipped.fingerprint
    assert (shipped.imported, shipped.named) == ({}, "the shipped role tables")


def test_an_imported_table_stands_in_the_place_of_the_shipped_one_and_is_named(tmp_path: Path) -> None:
    (tmp_path / "lnctard.tsv").write_bytes(role_table([RoleRow("lncrna", "HOTAIR", "", 3, 4, ("LncTarD",))]))
    roles = Roles.load(tmp_path)
    assert roles.stems("lncrna") == ("HOTAIR",)
    assert (roles.of("lncrna", "HOTAIR").suppressing, roles.of("lncrna", "HOTAIR").oncogenic) == (3, 4)
    assert roles.stems("gene") == Roles.load().stems("gene")
    assert list(roles.imported) == ["lnctard"]
    assert "lnctard" in roles.named


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "columns"),
        (b"cargo\tcargo_kind\n", "columns"),
        (b"\xff\xfe", "UTF-8"),
        (role_table([RoleRow("gene", "PTEN", "", 1, 1, ("x",))]).rpartition(b"\t")[0], "line 2 has 5 cells"),
        (role_table([RoleRow("gene", "PTEN", "", 1, 1, ("x",))]).replace(b"\t1\t1", b"\t1\t-1"), "line 2 says '-1'"),
    ],
    ids=["empty", "other columns", "not UTF-8", "cut off", "no count"],
)
def test_a_kept_table_that_was_damaged_says_which_and_why(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "hmdd.tsv").write_bytes(content)
    with pytest.raises(KnowledgeError) as refused:
        Roles.load(tmp_path)
    assert refused.value.path.name == "hmdd.tsv"
    assert says in str(refused.value)

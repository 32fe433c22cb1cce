"""LncTarD: what goes the tumour's way is oncogenic; apoptosis and sensitivity up, or growth down, is suppressing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.importers.lnctard import suppressing_balance

HEADER = "DiseaseName | Regulator | RegulatorType | influencedFunction | PubMedID\n"

AGAINST = (
    "apoptosis process",
    "chemosensitivity",
    "tumor-suppressive function",
    "senescence",
    "prognosis",
    "cell death",
)
FOR = (
    "cell proliferation",
    "cell invasion",
    "epithelial to mesenchymal transition",
    "chemoresistance",
    "tumorigenesis",
    "oncogenic role",
    "cell stemness",
    "angiogenesis",
)
NEITHER = ("WNT/beta-catenin signaling pathway", "cell autophagy", "glucose metabolic process", "cell differentiation")


@pytest.mark.parametrize("process", AGAINST)
def test_more_of_what_is_against_the_tumour_suppresses_it(process: str) -> None:
    assert (suppressing_balance(f"{process}(+)"), suppressing_balance(f"{process}(-)")) == (1, -1)


@pytest.mark.parametrize("process", FOR)
def test_more_of_what_is_for_the_tumour_promotes_it(process: str) -> None:
    assert (suppressing_balance(f"{process}(+)"), suppressing_balance(f"{process} (-)")) == (-1, 1)


@pytest.mark.parametrize("process", NEITHER)
def test_what_serves_either_side_says_nothing(process: str) -> None:
    assert suppressing_balance(f"{process}(+)") == 0


@given(st.permutations([f"{process}({sign})" for process in (*AGAINST, *FOR) for sign in "+-"][::3]))
def test_the_order_of_the_processes_does_not_matter(effects: list[str]) -> None:
    assert suppressing_balance(";".join(effects)) == suppressing_balance(";".join(sorted(effects)))


def test_a_paper_is_one_vote_by_most_of_its_rows(roles) -> None:  # type: ignore[no-untyped-def]
    rows = (
        "Gastric cancer | HOTAIR | lncRNA | cell proliferation(+);apoptosis process(-) | 90000001\n"
        "Gastric cancer | HOTAIR | lncRNA | cell invasion(+) | 90000001\n"
        "Gastric cancer | HOTAIR | lncRNA | apoptosis process(+) | 90000001\n"
        "Glioma | HOTAIR | lncRNA | cell growth(-) | 90000002\n"
    )
    assert roles("lnctard", HEADER + rows) == {("HOTAIR", ""): (1, 1)}


def test_a_row_may_cite_several_papers_and_those_of_the_corpus_do_not_vote(roles, imported, curated) -> None:  # type: ignore[no-untyped-def]
    rows = f"Glioma | MEG3 | lncRNA | cell growth(-) | 90000001;{curated.citation['pmid']}\n"
    assert roles("lnctard", HEADER + rows) == {("MEG3", ""): (1, 0)}
    assert imported("lnctard", HEADER + rows).ledger.partially_used[0].rows == 1


def test_other_regulators_other_diseases_and_rows_that_say_nothing_are_counted(imported, why) -> None:  # type: ignore[no-untyped-def]
    rows = (
        "Glioma | MEG3 | lncRNA | cell growth(-) | 90000001\nGlioma | SP1 | TF | cell growth(+) | 90000002\n"
        "Heart failure | MALAT1 | lncRNA | apoptosis process(+) | 90000003\n"
        "Glioma | MALAT1 | lncRNA | WNT signaling pathway(+) | 90000004\n"
        "Glioma | an unheard-of transcript | lncRNA | cell growth(+) | 90000005\n"
        "Glioma | MALAT1 | lncRNA | cell growth(+) | none\n"
    )
    assert set(why(imported("lnctard", HEADER + rows)).items()) == {
        ("the regulator is no lncRNA or circRNA", 1),
        ("the disease is no malignant tumour", 1),
        ("no process of a tumour goes up or down on balance", 1),
        ("not a known lncRNA or circRNA", 1),
        ("the row names no PMID", 1),
    }

"""HMDD: only functional reports on tumours are votes."""

from __future__ import annotations

import pytest

from training.importers.hmdd import ONCOGENIC_CODES, SUPPRESSING_CODES

V3 = "category | mir | disease | pmid | description\n"


@pytest.mark.parametrize("code", [*SUPPRESSING_CODES, *ONCOGENIC_CODES])
@pytest.mark.parametrize(
    "form",
    [
        "category | mir | disease | pmid | description\n{code} | hsa-mir-21 | Breast Neoplasms | 90000001 | x\n",
        "code | PMID | miRNA | disease | description\n{code} | 90000001 | hsa-mir-21 | Breast Neoplasms | x\n",
    ],
    ids=["version 3", "version 4"],
)
def test_what_was_done_to_the_microrna_and_to_the_tumour_decides(roles, code: str, form: str) -> None:  # type: ignore[no-untyped-def]
    votes = (1, 0) if code in SUPPRESSING_CODES else (0, 1)
    assert roles("hmdd", form.format(code=code)) == {("miR-21", ""): votes, ("miR-21", "breast cancer"): votes}


def test_expression_and_other_diseases_are_no_votes_and_are_counted(imported, why) -> None:  # type: ignore[no-untyped-def]
    rows = (
        "genetics_overexpression_promote | hsa-mir-21 | Glioblastoma | 90000001 | x\n"
        "tissue_expression_up | hsa-mir-21 | Glioblastoma | 90000002 | x\n"
        "genetics_overexpression_promote | hsa-mir-21 | Atherosclerosis | 90000003 | x\n"
        "genetics_overexpression_promote | ebv-mir-BART1 | Glioblastoma | 90000004 | x\n"
        "genetics_overexpression_promote | hsa-mir-21 | Glioblastoma | unknown | x\n"
    )
    found = imported("hmdd", V3 + rows)
    assert (found.ledger.used, found.votes) == (1, 1)
    assert why(found) == {
        "no functional report (neither overexpression nor knock-down)": 1,
        "the disease is no malignant tumour": 1,
        "not a microRNA name": 1,
        "the PMID is no number": 1,
    }


def test_a_tumour_that_is_no_term_counts_over_all_tumours_only_and_is_told(imported, roles) -> None:  # type: ignore[no-untyped-def]
    text = V3 + "genetics_overexpression_promote | hsa-mir-21 | Adenocarcinoma | 90000001 | x\n"
    assert roles("hmdd", text) == {("miR-21", ""): (0, 1)}
    (partly,) = imported("hmdd", text).ledger.partially_used
    assert (partly.rows, partly.examples) == (1, ["line 2: Adenocarcinoma"])


def test_a_report_on_tumours_at_large_counts_over_all_tumours_only_and_is_not_called_unknown(imported, roles) -> None:  # type: ignore[no-untyped-def]
    text = V3 + "genetics_overexpression_promote | hsa-mir-21 | Neoplasms [unspecific] | 90000001 | x\n"
    assert roles("hmdd", text) == {("miR-21", ""): (0, 1)}
    assert imported("hmdd", text).ledger.partially_used == []


def test_one_pmid_is_one_vote_over_loci_and_rows(roles) -> None:  # type: ignore[no-untyped-def]
    rows = "".join(
        f"genetics_overexpression_suppress | hsa-mir-{name} | Glioma | 90000001 | x\n"
        for name in ("125b-1", "125b-2", "125b-1")
    )
    assert roles("hmdd", V3 + rows)["miR-125b", ""] == (1, 0)


def test_what_hmdd_calls_not_causal_is_no_vote(roles) -> None:  # type: ignore[no-untyped-def]
    text = (
        "category | mir | disease | mesh_name | pmid | causality\n"
        "genetics_overexpression_promote | hsa-mir-21 | Glioma | Glioma | 90000001 | yes\n"
        "genetics_overexpression_promote | hsa-mir-155 | Glioma | Glioma | 90000002 | no\n"
    )
    assert {cargo for cargo, _ in roles("hmdd", text)} == {"miR-21"}


def test_the_papers_of_the_corpus_do_not_vote(imported, roles, curated) -> None:  # type: ignore[no-untyped-def]
    rows = "".join(
        f"genetics_overexpression_promote | hsa-mir-21 | Glioma | {pmid} | x\n"
        for pmid in (curated.citation["pmid"], 90000001)
    )
    assert roles("hmdd", V3 + rows)["miR-21", ""] == (0, 1)
    assert imported("hmdd", V3 + rows).ledger.skipped[0].rows == 1


def test_of_counts_the_papers_of_the_corpus_are_taken_out_on_both_sides(roles, curated) -> None:  # type: ignore[no-untyped-def]
    pmid = curated.citation["pmid"]
    text = (
        "mir | cancer | n_oncomir | n_tumour_suppressor | pmids_role\n"
        f"hsa-mir-21 | glioma | 3 | 1 | 90000001;{pmid}\nhsa-mir-155 | glioma | 1 | 0 | {pmid}\n"
    )
    assert roles("hmdd", text) == {("miR-21", ""): (0, 2), ("miR-21", "glioma"): (0, 2)}

"""CancerMine: suppressor and oncogene count, driver does not; symbols are official ones."""

from __future__ import annotations

COLLATED = "role | cancer_normalized | gene_hugo_id | gene_normalized | citation_count\n"
SENTENCES = "pmid | role | cancer_normalized | gene_hugo_id | gene_normalized | sentence\n"


def test_citations_of_suppressor_and_oncogene_roles_are_summed_over_tumours(roles) -> None:  # type: ignore[no-untyped-def]
    rows = (
        "Tumor_Suppressor | breast cancer | HGNC:9588 | PTEN | 4\nTumor_Suppressor | glioma | HGNC:9588 | PTEN | 3\n"
        "Oncogene | glioma | HGNC:9588 | PTEN | 1\nDriver | glioma | HGNC:9588 | PTEN | 50\n"
    )
    assert roles("cancermine", COLLATED + rows) == {("PTEN", ""): (7, 1)}


def test_the_output_says_that_the_source_gives_only_counts(imported) -> None:  # type: ignore[no-untyped-def]
    found = imported("cancermine", COLLATED + "Oncogene | glioma | HGNC:6407 | KRAS | 2\n")
    assert any("only counts of citations" in remark for remark in found.as_dict()["remarks"])


def test_an_alias_another_genes_identifier_and_a_bad_count_are_not_used(imported, why) -> None:  # type: ignore[no-untyped-def]
    rows = (
        "Oncogene | glioma | HGNC:6407 | KRAS | 2\nOncogene | glioma |  | COX2 | 2\n"
        "Oncogene | glioma | HGNC:1 | KRAS | 2\nOncogene | glioma | HGNC:6407 | KRAS | many\n"
    )
    assert why(imported("cancermine", COLLATED + rows)) == {
        "not an official gene symbol": 2,
        "the citation count is no whole number": 1,
    }


def test_sentences_name_their_papers_so_that_each_is_one_vote_and_the_corpus_has_none(roles, curated) -> None:  # type: ignore[no-untyped-def]
    rows = (
        "90000001 | Tumor_Suppressor | glioma | HGNC:9588 | PTEN | Invented.\n"
        "90000001 | Tumor_Suppressor | melanoma | HGNC:9588 | PTEN | Invented again.\n"
        f"{curated.citation['pmid']} | Oncogene | glioma | HGNC:9588 | PTEN | Invented too.\n"
    )
    assert roles("cancermine", SENTENCES + rows) == {("PTEN", ""): (1, 0)}

"""miRCancer: down-regulated is suppressing, up-regulated oncogenic; a title is a paper, and a paper one vote."""

from __future__ import annotations

HEADER = "mirId | Cancer | Profile | PubMed Article\n"


def test_up_is_oncogenic_and_down_suppressing_by_tumour_and_over_all(roles) -> None:  # type: ignore[no-untyped-def]
    rows = "hsa-mir-21 | breast cancer | up | Invented one\nhsa-mir-21 | Glioma | down | Invented two\n"
    assert roles("mircancer", HEADER + rows) == {
        ("miR-21", ""): (1, 1),
        ("miR-21", "breast cancer"): (0, 1),
        ("miR-21", "glioma"): (1, 0),
    }


def test_one_paper_is_one_vote_though_it_names_several_loci(roles) -> None:  # type: ignore[no-untyped-def]
    rows = "".join(f"hsa-let-7a-{locus} | lung cancer | down | Invented paper\n" for locus in (1, 2, 3))
    assert roles("mircancer", HEADER + rows) == {("let-7a", ""): (1, 0), ("let-7a", "lung cancer"): (1, 0)}


def test_a_paper_that_says_as_much_for_as_against_is_no_vote(imported, roles) -> None:  # type: ignore[no-untyped-def]
    rows = "hsa-mir-21 | glioma | up | Invented\nhsa-mir-21 | melanoma | down | invented.\nhsa-mir-145 | glioma | down | B\n"
    assert ("miR-21", "") not in roles("mircancer", HEADER + rows)
    assert any(remark.startswith("1 papers report as much") for remark in imported("mircancer", HEADER + rows).remarks)


def test_a_garbled_profile_is_counted_and_shown(imported, why) -> None:  # type: ignore[no-untyped-def]
    found = imported("mircancer", HEADER + "hsa-mir-21 | glioma | tissue; | A\nhsa-mir-21 | glioma | up | B\n")
    assert (found.ledger.read, found.ledger.used) == (2, 1)
    assert why(found) == {"the profile is neither up nor down": 1}
    assert found.ledger.skipped[0].examples == ["line 2: tissue;"]


def test_the_papers_of_the_corpus_do_not_vote_even_where_a_title_lost_its_greek(imported, why, corpus) -> None:  # type: ignore[no-untyped-def]
    titles = [one.citation["title"] for one in corpus if one.citation["title"]]
    greek = next((title for title in titles if not title.isascii()), titles[0])
    lost = "".join(letter if letter.isascii() else "?" for letter in greek)
    rows = [
        f"hsa-mir-21 | glioma | up | {title}\n" for title in (titles[0], f"[{titles[1].upper()}].", lost, "Invented")
    ]
    found = imported("mircancer", HEADER + "".join(rows))
    assert sum(why(found).values()) == 3
    assert found.votes == 1


def test_counts_of_papers_are_taken_as_they_stand_and_the_output_says_what_could_not_be_done(imported, roles) -> None:  # type: ignore[no-untyped-def]
    text = "mir | cancer | n_up | n_down\nhsa-mir-21 | glioma | 7 | 1\nhsa-mir-21 | melanoma | 1 | x\n"
    assert roles("mircancer", text) == {("miR-21", ""): (1, 7), ("miR-21", "glioma"): (1, 7)}
    assert any("could not be taken out" in remark for remark in imported("mircancer", text).remarks)

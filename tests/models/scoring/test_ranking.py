"""A rank is the range of places that the bands admit, and depends on nothing else."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.rounding import STEPS, round_probability
from models.scoring.ranking import Band, Rank, Ranking, not_distinguished, rank_bands, reading_order

CHANCE = st.one_of(
    st.integers(1, 30).map(lambda step: step / 31), st.floats(0, 1), st.sampled_from([0.5, 0.50001, 0.5001])
)
BANDS = st.lists(st.tuples(CHANCE, CHANCE).map(lambda ends: (min(ends), max(ends))), max_size=12)
SHARE = st.floats(0, 1)


@given(BANDS, st.data())
def test_every_order_that_the_bands_admit_has_each_candidate_within_its_rank(
    bands: list[Band], data: st.DataObject
) -> None:
    rounded = [tuple(map(round_probability, band)) for band in bands]
    drawn = [low + data.draw(SHARE) * (high - low) for low, high in rounded]
    ranks = rank_bands(bands)
    for own, rank in enumerate(ranks):
        assert rank is not None
        place = 1 + sum(other > drawn[own] for other in drawn)
        assert rank.rank <= place <= rank.rank_to


@given(BANDS)
def test_a_rank_is_no_wider_than_the_bands_demand(bands: list[Band]) -> None:
    rounded = [tuple(map(round_probability, band)) for band in bands]
    for own, rank in enumerate(rank_bands(bands)):
        others = [band for place, band in enumerate(rounded) if place != own]
        low, high = rounded[own]
        # The best for it: it is at the upper end of its band, and all others are at the lower ends of theirs.
        assert rank == Rank(
            1 + sum(other_low > high for other_low, _ in others),
            len(bands) - sum(other_high < low for _, other_high in others),
        )


@given(BANDS, st.randoms())
def test_the_order_in_which_candidates_come_does_not_count(bands: list[Band], random: object) -> None:
    places = list(range(len(bands)))
    random.shuffle(places)  # type: ignore[attr-defined]
    ranks = rank_bands(bands)
    assert rank_bands([bands[place] for place in places]) == [ranks[place] for place in places]


@given(BANDS)
def test_ranked_from_the_other_end_the_ranks_are_turned_round(bands: list[Band]) -> None:
    turned = rank_bands([(1 - round_probability(high), 1 - round_probability(low)) for low, high in bands])
    for rank, other in zip(rank_bands(bands), turned, strict=True):
        assert rank
        assert other == Rank(len(bands) + 1 - rank.rank_to, len(bands) + 1 - rank.rank)


@given(st.lists(st.none() | BANDS.filter(bool).map(lambda bands: bands[0]), max_size=12))
def test_what_has_no_band_has_no_rank_and_does_not_count(bands: list[Band | None]) -> None:
    ranks = rank_bands(bands)
    assert [rank is None for rank in ranks] == [band is None for band in bands]
    assert [rank for rank in ranks if rank] == rank_bands([band for band in bands if band])


@given(BANDS)
def test_those_that_are_not_distinguished_are_as_many_as_the_places_of_a_rank(bands: list[Band]) -> None:
    for rank, others in zip(rank_bands(bands), not_distinguished(bands), strict=True):
        assert rank
        assert rank.rank_to - rank.rank == len(others)


@given(BANDS, st.integers(1, 5))
def test_candidates_that_are_counted_in_parts_have_the_ranks_of_all(bands: list[Band], size: int) -> None:
    ends = np.array(bands).reshape(-1, 2)
    ranking = Ranking()
    for start in range(0, len(ends), size):
        ranking.add(*ends[start : start + size].T)
    ranks = zip(*ranking.ranks(*ends.T), strict=True)
    assert [Rank(*map(int, rank)) for rank in ranks] == rank_bands(bands)


def test_bands_that_touch_are_tied_and_those_a_step_apart_are_not() -> None:
    step = 1 / STEPS
    assert rank_bands([(0.2, 0.5), (0.5, 0.8)]) == [Rank(1, 2), Rank(1, 2)]
    assert rank_bands([(0.2, 0.5 - step), (0.5, 0.8)]) == [Rank(2, 2), Rank(1, 1)]
    # Documents show both as 0.5.
    assert rank_bands([(0.2, 0.5 - step / 10), (0.5, 0.8)]) == [Rank(1, 2), Rank(1, 2)]


@given(st.lists(st.tuples(st.none() | st.just(Rank(1, 1)), SHARE), max_size=12))
def test_candidates_are_read_by_probability_and_those_without_a_rank_last(
    rows: list[tuple[Rank | None, float]],
) -> None:
    order = reading_order([rank for rank, _ in rows], [chance for _, chance in rows])
    keys = [(rows[place][0] is None, -rows[place][1], place) for place in order]
    assert all(before < after for before, after in pairwise(keys))

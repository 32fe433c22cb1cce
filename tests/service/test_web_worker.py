"""Workers know of each other how many connections they have, those that have ended no longer."""

from __future__ import annotations

import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from service.web_worker import PLACES, Places

TOLD_BY_ANOTHER = """
import os
from service.web_worker import Places

places = Places()
place = places.take()
if (child := os.fork()) == 0:
    places.tell(place, 9)
    os._exit(0)
os.waitpid(child, 0)
assert places.fewest == 9
"""


@given(st.lists(st.integers(0, 50), min_size=1, max_size=PLACES))
def test_the_fewest_are_those_of_the_worker_that_has_fewest(connections: list[int]) -> None:
    places = Places()
    taken = [places.take() for _ in connections]
    assert taken == list(range(len(connections)))
    for place, count in zip(taken, connections, strict=True):
        places.tell(place, count)
    assert places.fewest == min(connections)
    places.leave(connections.index(min(connections)))
    left = sorted(connections)[1:]
    assert places.fewest == (left[0] if left else 0)


def test_a_new_worker_takes_the_place_of_one_that_has_ended() -> None:
    places = Places()
    first, second = places.take(), places.take()
    places.tell(first, 7)
    places.leave(first)
    assert (places.take(), places.take()) == (first, second + 1)
    assert places.fewest == 0


def test_beyond_the_last_place_it_is_shared() -> None:
    places = Places()
    assert [places.take() for _ in range(PLACES + 2)][-3:] == [PLACES - 1] * 3


def test_what_one_process_tells_the_others_read() -> None:
    subprocess.run([sys.executable, "-c", TOLD_BY_ANOTHER], check=True)

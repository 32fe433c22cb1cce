"""Blocks are scored side by side and come out in their order; no more of them are held than may be."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from threading import Event

import pytest

from service.batch.block_scoring import ScoredBlock
from service.batch.executors import map_in_order
from service.batch.readers.base import Block, Position

GENEROUS_SECONDS = 60.0


def block(number: int) -> Block:
    return Block(Position(number), Position(number + 1), b"")


def score(one: Block) -> ScoredBlock:
    return ScoredBlock(str(one.begin.offset).encode(), b"")


def test_blocks_come_out_in_their_order_though_the_first_takes_longest() -> None:
    others_are_done = Event()

    def process(one: Block) -> ScoredBlock:
        if one.begin.offset == 0:
            assert others_are_done.wait(GENEROUS_SECONDS)
        elif one.begin.offset == 3:
            others_are_done.set()
        return score(one)

    with ThreadPoolExecutor(2) as executor:
        results = list(map_in_order(lambda one: executor.submit(process, one), map(block, range(9)), 4))
    assert [(one.begin.offset, scored.scores) for one, scored in results] == [
        (number, str(number).encode()) for number in range(9)
    ]


def test_no_more_blocks_are_read_than_may_be_held() -> None:
    read = []

    def blocks() -> Iterator[Block]:
        for number in range(100):
            read.append(number)
            yield block(number)

    with ThreadPoolExecutor(2) as executor:
        for done, _ in enumerate(map_in_order(lambda one: executor.submit(score, one), blocks(), 3), 1):
            assert len(read) <= done + 2


def test_what_is_waiting_is_given_up_where_nobody_wants_it() -> None:
    futures: list[Future[ScoredBlock]] = []

    def submit(one: Block) -> Future[ScoredBlock]:
        futures.append(Future())
        if not one.begin.offset:
            futures[0].set_result(score(one))
        return futures[-1]

    results = map_in_order(submit, map(block, range(9)), 4)
    assert len(list(islice(results, 1))) == 1
    del results
    assert [future.cancelled() for future in futures] == [False, True, True, True]


def test_what_a_block_raises_is_raised() -> None:
    def process(one: Block) -> ScoredBlock:
        raise ValueError(one.begin.offset)

    with ThreadPoolExecutor(2) as executor, pytest.raises(ValueError, match="0"):
        list(map_in_order(lambda one: executor.submit(process, one), map(block, range(9)), 4))

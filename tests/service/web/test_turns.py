"""Turns: no more at once than there are, and none is lost however those who have one wait."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from service.web.turns import Turns

COUNT = 3


def test_no_more_have_a_turn_than_there_are_and_each_comes_to_one() -> None:
    turns, lock, at_once, most = Turns(COUNT), threading.Lock(), 0, 0

    def work(number: int) -> int:
        nonlocal at_once, most
        turns.take()
        with lock:
            at_once += 1
            most = max(most, at_once)
        time.sleep(0.001)
        with lock:
            at_once -= 1
        if number % 3 == 0:
            with turns.paused():
                time.sleep(0.001)
        if number % 3 == 1:
            turns.leave()
            with turns.paused():
                time.sleep(0.001)
        turns.leave()
        turns.leave()
        return number

    with ThreadPoolExecutor(20) as threads:
        assert sorted(threads.map(work, range(200))) == list(range(200))
    assert most == COUNT
    for _ in range(COUNT):
        turns.take()


def test_who_waits_for_others_keeps_nobody_from_a_turn() -> None:
    turns, waiting, go_on = Turns(1), threading.Event(), threading.Event()

    def wait() -> None:
        turns.take()
        with turns.paused():
            waiting.set()
            assert go_on.wait(10)
        turns.leave()

    thread = threading.Thread(target=wait)
    thread.start()
    assert waiting.wait(10)
    turns.take()
    go_on.set()
    turns.leave()
    thread.join(10)
    assert not thread.is_alive()

"""What is printed of frames follows from what was measured: ratios of neighbours, and the verdict on pandas."""

from __future__ import annotations

import pytest

from benchmarks.frames import KINDS, PANDAS, one_turn, printed, ratio


@pytest.mark.parametrize(("seconds", "verdict"), [(2.6, "met"), (2.62, "**missed**")])
def test_the_verdict_is_on_the_median_ratio_of_pandas(seconds: float, verdict: str) -> None:
    other = {name: {"batch": 1.0, "frame": 9.0} for name in KINDS}
    rounds = [{**other, PANDAS: {"batch": 2.0, "frame": frame}} for frame in (1.0, seconds, 9.0)]
    measured = {"rows": 1_000_000, "rounds": rounds}
    assert ratio(measured, PANDAS) == seconds / 2
    assert printed(measured).splitlines()[-1].endswith(f"| {verdict} |")
    assert all(name in printed(measured) for name in KINDS)


def test_a_turn_times_the_batch_and_the_frame() -> None:
    scored = []

    class Scorer:
        def score_frame(self, frame: str) -> None:
            scored.append(frame)

    turn = one_turn(Scorer(), lambda: scored.append("batch"), "frame")  # type: ignore[arg-type]
    assert scored == ["batch", "frame"]
    assert set(turn) == {"batch", "frame"}

"""The tables of what `benchmarks/serving.py` measured, and the ratios to the peers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any

from benchmarks.bars import HEAD, SINGLE, SINGLE_P99, THOUSAND, Row, table, whole

MET_NEVER = "exoscore, full documents"
REPEATED = "exoscore, full documents, repeated"
PROBABILITY = "exoscore, label and probability"
ALIKE = "exoscore, label and probability, as the peers"
PROJECT = {
    MET_NEVER: "the full document of each of many candidates, met for the first time",
    REPEATED: "the full document, of a few bodies again and again: most of its parts are in caches",
    PROBABILITY: "`?fields=label,probability_suppressing`, of the same candidates: what the peers answer, and the prediction",
    ALIKE: "the same of the very candidates that the peers are sent, in turn as they are: like for like",
}
SINGLES = {"1 x 1": "1 connection", "1 x 8": "8 connections", "1 x 32": "32 connections"}
MANY = {"1000 x 1": "1,000; 1 connection", "1000 x 4": "1,000; 4 connections", "10000 x 2": "10,000; 2 connections"}
THOUSANDS = ("1000 x 1", "1000 x 4")

Measured = Mapping[str, Any]
Turn = Mapping[str, Any]


def turns(measured: Measured, name: str) -> list[Turn]:
    """The turns of one server, in order."""
    return [turn for turn in measured["turns"] if turn["name"] == name]


def names(measured: Measured) -> list[str]:
    """The servers that were measured: the project's first, in each way that it was asked, then the peers."""
    seen = dict.fromkeys(turn["name"] for turn in measured["turns"])
    return [name for name in PROJECT if name in seen] + [name for name in seen if name not in PROJECT]


def never_started(measured: Measured) -> dict[str, str]:
    """The peers that started in no round, with the reason."""
    return {name: why for name, why in measured["did_not_start"].items() if not turns(measured, name)}


def middle(found: Sequence[Turn], of: Callable[[Turn], float]) -> float:
    """The median over turns."""
    return float(median(map(of, found)))


def rate(measured: Measured, name: str, load: str, unit: str = "rows_per_second") -> float:
    """The median rate of a server under a load."""
    return middle(turns(measured, name), lambda turn: turn["loads"][load][unit])


def best_peer(measured: Measured, loads: Sequence[str]) -> tuple[str, str]:
    """The peer that does most under one of the loads, and that load."""
    peers = [name for name in names(measured) if name not in PROJECT]
    return max(((peer, load) for peer in peers for load in loads), key=lambda one: rate(measured, *one))


def ratio(measured: Measured, name: str, loads: Sequence[str]) -> tuple[float, float, float]:
    """How many times what the best peer does the project does, in pairs of neighbours: the median, the least, the most.

    Each side has the load that suits it best.
    """
    peer, of_peer = best_peer(measured, loads)
    own = max(loads, key=lambda load: rate(measured, name, load))
    found = [
        ours["loads"][own]["rows_per_second"] / theirs["loads"][of_peer]["rows_per_second"]
        for ours, theirs in neighbours(measured, name, peer)
    ]
    return float(median(found)), min(found), max(found)


def neighbours(measured: Measured, name: str, peer: str) -> list[tuple[Turn, Turn]]:
    """The project's turns with those of a peer in the same round: the one right after it, where there is one."""
    pairs = []
    for theirs in turns(measured, peer):
        same_round = [one for one in turns(measured, name) if one["round"] == theirs["round"]]
        after = [one for one in same_round if one.get("after") == peer] or same_round
        pairs += [(one, theirs) for one in after[:1]]
    return pairs


def latency_ratio(measured: Measured, name: str, load: str) -> float:
    """The project's p99 to the median time of the best peer."""
    peer, _ = best_peer(measured, [load])
    pairs = neighbours(measured, name, peer)
    return float(median(ours["loads"][load]["p99_ms"] / theirs["loads"][load]["p50_ms"] for ours, theirs in pairs))


def singles(measured: Measured) -> str:
    """Requests a second, with p50 and p99, of one candidate a request."""
    head = ["one candidate a request: requests/s (p50 / p99 in ms)", *SINGLES.values(), "failed"]
    return table(
        head,
        [
            [name, *(_single(measured, name, load) for load in SINGLES), _failed(measured, name, SINGLES)]
            for name in names(measured)
        ],
    )


def many(measured: Measured) -> str:
    """Candidates a second of large requests."""
    head = ["candidates a request: rows/s", *MANY.values(), "failed"]
    rows = [
        [name, *(whole(rate(measured, name, load)) for load in MANY), _failed(measured, name, MANY)]
        for name in names(measured)
    ]
    return table(head, rows)


def resources(measured: Measured) -> str:
    """What each server takes: time to start, memory."""
    rows = []
    for name in names(measured):
        own = turns(measured, name)
        rows.append(
            [
                name,
                f"{middle(own, lambda turn: turn['start_seconds']):.2f}",
                whole(middle(own, lambda turn: turn["memory"]["pss"])),
                whole(middle(own, lambda turn: turn["memory_after"]["pss"])),
                whole(middle(own, lambda turn: turn["memory"]["processes"])),
            ]
        )
    return table(["", "start, s", "memory, MiB", "after the loads, MiB", "processes"], rows)


def ratios(measured: Measured) -> str:
    """The project beside the best peer of each load."""
    loads = {**{load: [load] for load in SINGLES}, "1,000": list(THOUSANDS), "10,000": ["10000 x 2"]}
    shown = {**{load: f"1; {text}" for load, text in SINGLES.items()}}
    rows: list[Row] = []
    ways = [name for name in names(measured) if name in PROJECT]
    for load, alike in loads.items():
        peer, of_peer = best_peer(measured, alike)
        found = ["{:.3g} x ({:.3g} to {:.3g})".format(*ratio(measured, name, alike)) for name in ways]
        rows.append([shown.get(load, load), f"{peer} ({whole(rate(measured, peer, of_peer))})", *found])
    return table(["candidates a request", "best peer (rows/s)", *ways], rows)


def sent_again(measured: Measured) -> str:
    """How much of what was to be met for the first time the server had been sent before, after all."""
    found = []
    for name in (MET_NEVER, PROBABILITY):
        for load in (*SINGLES, *MANY):
            own = [turn["loads"][load] for turn in turns(measured, name)]
            share = sum(one["sent_again"] for one in own) / max(1, sum(one["requests"] for one in own))
            if share:
                found.append(f"{name}, {(SINGLES | MANY)[load]}: {min(1.0, share):.1%}")
    return f"Of the bodies, this share was sent for a second time: {'; '.join(found) or 'none'}.\n"


def bars(measured: Measured) -> list[Row]:
    """The promises, held to the full documents of candidates that were never sent before."""
    return [
        SINGLE.row(ratio(measured, MET_NEVER, ["1 x 32"])[0]),
        SINGLE_P99.row(latency_ratio(measured, MET_NEVER, "1 x 32")),
        THOUSAND.row(ratio(measured, MET_NEVER, THOUSANDS)[0]),
    ]


def bars_of_probability(measured: Measured) -> list[Row]:
    """The same of the counterpart of what the peers answer, and are asked."""
    return [
        SINGLE.row(ratio(measured, ALIKE, ["1 x 32"])[0]),
        SINGLE_P99.row(latency_ratio(measured, ALIKE, "1 x 32")),
        THOUSAND.row(ratio(measured, ALIKE, THOUSANDS)[0]),
    ]


def printed(measured: Measured) -> str:
    """All of it."""
    parts = [singles(measured), many(measured), sent_again(measured), resources(measured)]
    if any(name not in PROJECT for name in names(measured)):
        parts += [ratios(measured), f"{MET_NEVER}:\n\n{table(HEAD, bars(measured))}"]
        parts.append(f"{ALIKE}:\n\n{table(HEAD, bars_of_probability(measured))}")
    parts += [f"{name} was not measured: {why}\n" for name, why in never_started(measured).items()]
    return "\n".join(parts)


def _single(measured: Measured, name: str, load: str) -> str:
    own = turns(measured, name)
    p50, p99 = (middle(own, lambda turn, part=part: turn["loads"][load][part]) for part in ("p50_ms", "p99_ms"))
    return f"{whole(rate(measured, name, load, 'requests_per_second'))} ({p50:.3g} / {p99:.3g})"


def _failed(measured: Measured, name: str, loads: Mapping[str, str]) -> int:
    return sum(turn["loads"][load]["failed"] for turn in turns(measured, name) for load in loads)

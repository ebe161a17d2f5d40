"""What was measured, as a table for people."""

import math
from collections.abc import Iterator, Mapping, Sequence
from statistics import median

from bench.api.client import Measured

HEAD = ("request", "clients", "numbers", "a second", "median ms", "p99 ms", "failed")
LEFT = ("request", "numbers")
"""Columns of words; all others are numbers."""


def together(runs: Sequence[Measured]) -> Measured:
    """Return several runs of the same as one."""
    failed: dict[str, int] = {}
    for error, times in (pair for run in runs for pair in run.failed.items()):
        failed[error] = failed.get(error, 0) + times
    return Measured(
        runs[0].request,
        runs[0].clients,
        sum(run.seconds for run in runs),
        [latency for run in runs for latency in run.latencies],
        failed,
    )


def percentile(latencies: Sequence[float], part: float) -> float:
    """Return the least latency that this part (0 to 1) of them does not exceed."""
    return sorted(latencies)[max(math.ceil(part * len(latencies)), 1) - 1]


def cells(numbers: str, one: Measured) -> tuple[str, ...]:
    """Return a line's texts, in the order of HEAD."""
    done = one.latencies
    return (
        one.request,
        f"{one.clients:,}",
        numbers,
        f"{len(done) / one.seconds:,.1f}",
        f"{median(done) * 1000:,.0f}" if done else "-",
        f"{percentile(done, 0.99) * 1000:,.0f}" if done else "-",
        f"{sum(one.failed.values()):,}",
    )


def table(found: Mapping[str, Sequence[Measured]]) -> str:
    """Return what was found with each set of numbers: lines of the same request stand together."""
    kinds = list(dict.fromkeys((m.request, m.clients) for runs in found.values() for m in runs))
    groups = [
        [
            cells(numbers, together(same))
            for numbers, runs in found.items()
            if (same := [m for m in runs if (m.request, m.clients) == kind])
        ]
        for kind in kinds
    ]
    texts = [HEAD, *(line for group in groups for line in group)]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]

    def line(words: Sequence[str]) -> str:
        return "  ".join(
            word.ljust(width) if head in LEFT else word.rjust(width)
            for word, width, head in zip(words, widths, HEAD, strict=True)
        ).rstrip()

    return "\n\n".join([line(HEAD), *("\n".join(map(line, group)) for group in groups)])


def errors(found: Mapping[str, Sequence[Measured]]) -> Iterator[str]:
    """Yield a line for each error that was seen, and how often."""
    for numbers, runs in found.items():
        for kind in dict.fromkeys((m.request, m.clients) for m in runs):
            same = together([m for m in runs if (m.request, m.clients) == kind])
            for error, times in same.failed.items():
                yield f"{numbers}: {same.request}, {same.clients} clients: {times} times {error}"

"""Which points a seed draws: the lab's tests show what comes of them."""

from collections.abc import Callable
from random import Random

import pytest

from tests.lab.cutoffs import HOWS, LINES, Plan, Point, everything, share

STEPS = {
    "controller": ["pre-host", "mysql", "keystone", "discover"],
    "compute": ["pre-host", "mysql-client", "nova-compute"],
}


def drawn(plan: Plan) -> dict[tuple[str, str], list[Point]]:
    """The points of a plan by node and step."""
    return {
        (node, step): list(points)
        for node, steps in plan.left.items()
        for step, points in steps.items()
    }


def test_every_step_is_cut_off_in_each_way_as_it_begins_and_later() -> None:
    found = drawn(everything(STEPS, Random("seed")))
    assert set(found) == {(node, step) for node, steps in STEPS.items() for step in steps}
    for points in found.values():
        lines = [point for point in points if not point.file]
        first, later = lines[: len(HOWS)], lines[len(HOWS) :]
        assert [(point.how, point.count, point.delay) for point in first] == [
            (how, 1, 0.0) for how in HOWS
        ]
        assert tuple(point.count for point in later) == LINES
        assert {point.how for point in later} == set(HOWS)


def test_a_share_cuts_off_each_nodes_packages_and_one_more_step_in_each_way() -> None:
    found = drawn(share(STEPS, Random("seed")))
    for node in STEPS:
        assert [point.file for point in found.pop((node, "pre-host"))] == ["/var/log/dpkg.log"]
    assert len(found) == len(HOWS)
    assert {point.how for points in found.values() for point in points} == set(HOWS)


@pytest.mark.parametrize("draw", [everything, share])
def test_the_same_seed_draws_the_same_points_and_another_others(draw: Callable[..., Plan]) -> None:
    first, again, other = (draw(STEPS, Random(seed)) for seed in ("1", "1", "2"))
    assert first == again
    assert first != other


def test_a_point_that_was_passed_does_not_come_back() -> None:
    plan = Plan()
    for line in (1, 2):
        plan.add("controller", Point("mysql", "all", line))
    plan.passed("controller", "mysql")
    assert [point.count for point in plan.armed("controller")] == [2]
    plan.passed("controller", "mysql")
    assert plan.armed("controller") == []
    assert plan.armed("compute") == []

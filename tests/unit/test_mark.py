"""The mark of a comment, and what its digest is of."""

from typing import Any

from pull_requests.mark import Mark, digest, marked, marked_comment
from tests.unit.previews import image, read, shown


def of(preview: dict[str, Any]) -> str:
    return marked_comment(read(preview), "prod")


def test_a_mark_is_read_as_it_was_written() -> None:
    for mark in (Mark("preview", "team/iaas/prod", "a" * 64), Mark("drift", "p--d", "")):
        assert marked(f"{mark}\nmore") == mark
        assert marked(f"{mark}\r\nmore") == mark
        assert marked(f" {mark}") is None


def test_a_mark_of_earlier_versions_is_read_too() -> None:
    mark = Mark("preview", "prod", "a" * 64)
    assert marked(str(mark).replace("pulumi", "iaas")) == mark


def test_the_digest_is_of_all_that_a_comment_leaves_out() -> None:
    many = [step for i in range(3_000) for step in image(f"i{i}", "raw")]
    other = [*many[:-2], *image("i2999", "another")]
    long = "line\n" * 100
    pairs = (
        (many, other),  # left out of the summary and of the diff
        (image("a", long + "one"), image("a", long + "two")),  # of a long text only its lines
    )
    for one, two in pairs:
        before, after = read(shown(*one)), read(shown(*two))
        left, right = (marked_comment(preview, "prod") for preview in (before, after))
        assert left.split("\n")[1:] == right.split("\n")[1:]
        assert digest(before) != digest(after)


def test_the_longest_comment_is_taken_with_its_mark() -> None:
    many = [step for i in range(3_000) for step in image(f"i{i}", "raw")]
    assert len(of(shown(*many)).encode()) < 65_536


def test_the_digest_is_the_same_whatever_else_stays() -> None:
    stays = [{**step, "op": "same"} for step in image("other", "raw")]
    before, after = shown(*image("a", "raw")), shown(*stays, *image("a", "raw"))
    assert digest(read(before)) == digest(read(after))
    assert "0 stay" in of(before)
    assert "2 stay" in of(after)

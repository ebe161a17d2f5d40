"""Compares the picture of a preview with that of the settings that it is of."""

from collections.abc import Mapping
from dataclasses import replace

from components.settings import load
from pull_requests.preview import Preview
from tests.unit.examples import as_pulumi
from tools.picture import settings
from tools.picture.boxes import whole
from tools.picture.cloud import Mark
from wording import picture


def check_picture(preview: Preview, config: Mapping[str, object]) -> None:
    """Check that both have the same things and lines, but for what goes, and the marks."""
    wanted = whole(settings.cloud(load(as_pulumi(config))))
    drawn = whole(picture.cloud(preview))
    stay = {
        key: replace(box, mark=Mark.KEPT)
        for key, box in drawn.boxes.items()
        if box.mark != Mark.GONE
    }
    assert stay == wanted.boxes
    lines = [line for line in drawn.lines if {line.start, line.end} <= stay.keys()]
    assert lines == [*wanted.lines]

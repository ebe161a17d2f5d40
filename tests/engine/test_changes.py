"""Every row of the table of changes in a preview on the engine."""

from collections.abc import Callable

import pytest

from pull_requests.cli import OPTIONS, parse_preview
from pull_requests.preview import Preview
from tests.changes.base import STORE, base, stand_ins, with_host_keys
from tests.changes.compare import contradictions
from tests.changes.packs import Stage, change_of, stages
from tests.changes.row import Row
from tests.changes.table import TABLE
from tests.engine.conftest import fill, made
from tests.engine.test_comment import stand_in
from tests.unit.configs import Change, changed
from tests.unit.examples import SECRET
from wording import WORDS

STAGES = stages(TABLE)
PLACES: dict[str, tuple[Stage, list[Row]]] = {
    row.name: (stage, pack) for stage in STAGES for pack in stage.packs for row in pack
}
Previewed = Callable[[Stage, list[Row]], Preview]


@pytest.fixture(scope="module")
def previewed(tmp_path_factory: pytest.TempPathFactory) -> Previewed:
    """A function that shows a pack's change: once, on the state of its stage."""
    folder = tmp_path_factory.mktemp("changes")
    files = stand_ins(folder / "files")
    whole = with_host_keys(base(), files) | {"secret": SECRET}
    stack = made(folder, whole)
    project = folder / "project"
    stand_in(project)
    (project / STORE).symlink_to(files)
    empty = stack.pulumi("stack", "export")
    shown: dict[str, Preview] = {}
    state: list[Change] = []

    def preview(stage: Stage, pack: list[Row]) -> Preview:
        before = changed(whole, stage.before, files)
        if state != [stage.before]:
            stack.pulumi("stack", "import", text=empty)
            stack.configure(before)
            fill(stack)
            state[:] = [stage.before]
        name = pack[0].name
        if name not in shown:
            stack.configure(changed(before, change_of(pack), files))
            shown[name] = parse_preview(stack.run("preview", *OPTIONS), WORDS)
        return shown[name]

    return preview


def pending(row: Row) -> pytest.MarkDecorator | tuple[()]:
    """Expect a row to fail as long as it says that it is pending."""
    return pytest.mark.xfail(reason=row.pending, strict=True) if row.pending else ()


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, id=row.name, marks=pending(row))
        for stage in STAGES
        for pack in stage.packs
        for row in pack
    ],
)
def test_the_preview_says_what_the_row_says(row: Row, previewed: Previewed) -> None:
    stage, pack = PLACES[row.name]
    assert list(contradictions(row, pack, previewed(stage, pack))) == []

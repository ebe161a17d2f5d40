"""All lines of the checklist; `python -m tests.lab.checklist_lines` writes them into the docs."""

from tests.lab.checklist import PAGE, written
from tests.lab.checklist_guide import GUIDE
from tests.lab.checklist_more import MORE

LINES = (*GUIDE, *MORE)

if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), LINES), encoding="utf-8")

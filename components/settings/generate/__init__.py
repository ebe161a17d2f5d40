"""What is written from the settings' models: docs/settings.md, schemas/, Pulumi.yaml's config.

And the arguments of the components for any language.

`make settings` (`python -m components.settings.generate`) writes it. The models are the source of
each setting's type, default, limits and description; a unit test fails when a file is old.
"""

from pathlib import Path

from . import arguments, manual, project, schemas

ROOT = Path(__file__).parents[3]


def texts() -> dict[str, str]:
    """Return the text of each file by its path in the repository."""
    name = project.name(ROOT)
    written = {manual.FILE: manual.text(name), project.FILE: project.text(ROOT)}
    return written | schemas.texts(name) | {arguments.FILE: arguments.text(name)}


def old() -> list[str]:
    """Return the files that are not what the models say now."""
    return [path for path, text in texts().items() if _read(ROOT / path) != text]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""

"""Writes the files that are generated from the settings' models, and names those that changed."""

from . import ROOT, old, texts


def main() -> None:
    """Write what is old."""
    changed = old()
    for path, text in texts().items():
        if path in changed:
            (ROOT / path).parent.mkdir(exist_ok=True)
            (ROOT / path).write_text(text, encoding="utf-8")
            print(f"{path}: written")
    if not changed:
        print("nothing to write: all files are as the models say")


if __name__ == "__main__":
    main()

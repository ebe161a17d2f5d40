"""Writes the pictures of docs/pictures: an .svg for each .dot. `make pictures` runs it.

steps.dot is itself written from the table of steps, so that the picture is as the program runs;
cloud.dot and cloud.mmd are what `make picture` draws of Pulumi.dev.yaml.
"""

import hashlib
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from components.steps import CHECK, COMPUTE, CONTROLLER, DISCOVER, Step
from tools.picture import dot, mermaid
from tools.picture.boxes import whole
from tools.picture.fold import fitting
from tools.picture.settings import cloud, read

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs/pictures"
STACK = ROOT / "Pulumi.dev.yaml"

HEAD = """\
// Written by `make pictures` from the table of steps in components/steps: change that.
digraph steps {
  rankdir=LR; compound=true; nodesep=0.16; ranksep=0.36; bgcolor=white
  fontname="Helvetica"; fontsize=13
  node [shape=box, style="rounded,filled", fillcolor=white, color="#5b6b7b", fontname="Helvetica",
        fontsize=12, height=0.3, margin="0.1,0.04"]
  edge [color="#5b6b7b", arrowsize=0.6]
"""
CLUSTERS = {
    "controller": ("on the controller", "#e8f0fa", CONTROLLER),
    "computes": ("on each compute", "#eaf6ea", COMPUTE),
    "hosts": ("on the controller, once", "#e8f0fa", (DISCOVER,)),
}
CLOUD = """\
  subgraph cluster_cloud {
    label="in the cloud"; style="rounded,filled"; color="#fdf3e1"; labelloc=t
    things [label="projects, images,\\nnetworks, flavors"]
    servers
  }
  things -> servers
"""


def steps() -> str:
    """Return steps.dot: an arrow goes from a step to each one that waits for it."""
    return "".join((HEAD, *_clusters(), CLOUD, *_arrows(), "}\n"))


def _clusters() -> Iterator[str]:
    for cluster, (label, color, table) in CLUSTERS.items():
        yield f"  subgraph cluster_{cluster} {{\n"
        yield f'    label="{label}"; style="rounded,filled"; color="{color}"; labelloc=b\n'
        if cluster != "hosts":
            yield _node(cluster, CHECK)
            yield f'    "{cluster}:files" [label="its files", style=filled]\n'
        yield from (_node(cluster, step) for step in table)
        yield "  }\n"


def _node(cluster: str, step: Step) -> str:
    return f'    "{cluster}:{step.name}" [label="{step.name}"]\n'


def _arrows() -> Iterator[str]:
    for cluster, (_, _, table) in CLUSTERS.items():
        for step in table:
            yield from (
                _arrow(name if ":" in name else f"{cluster}:{name}", f"{cluster}:{step.name}")
                for name in step.waits_for
            )
            if not step.waits_for:
                yield _arrow(f"{cluster}:{CHECK.name}", f"{cluster}:files")
                yield _arrow(f"{cluster}:files", f"{cluster}:{step.name}")
    yield from (_arrow(f"controller:{name}", "things") for name in _last(CONTROLLER))
    yield _arrow(f"hosts:{DISCOVER.name}", "servers")


def _arrow(before: str, after: str) -> str:
    return f'  "{before}" -> "{after}"\n'


def _last(table: Sequence[Step]) -> Iterator[str]:
    """Yield the steps that no other step of a table waits for."""
    awaited = {name for step in table for name in step.waits_for}
    yield from (step.name for step in table if step.name not in awaited)


def mark(source: str) -> str:
    """Return the line by which a picture says of which source it was made."""
    return f"<!-- of a source with SHA-256 {hashlib.sha256(source.encode()).hexdigest()} -->\n"


def texts() -> dict[str, str]:
    """Return the texts in docs/pictures that are written from something else, by file."""
    drawn = fitting(whole(cloud(read(STACK))))
    return {"steps.dot": steps(), "cloud.dot": dot.write(drawn), "cloud.mmd": mermaid.write(drawn)}


def _write() -> None:
    for name, text in texts().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    for path in sorted(FOLDER.glob("*.dot")):
        source = path.read_text(encoding="utf-8")
        made = subprocess.run(
            ["dot", "-Tsvg"], input=source, stdout=subprocess.PIPE, text=True, check=True
        )
        path.with_suffix(".svg").write_text(made.stdout + mark(source), encoding="utf-8")
        print(f"{path.with_suffix('.svg').relative_to(ROOT)}: written")


if __name__ == "__main__":
    _write()

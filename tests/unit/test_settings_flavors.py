"""What the settings promise of flavors: Nova takes them, and their images fit."""

from pathlib import Path

from tests.unit.configs import Allowed, Case, check_refused, check_taken, each, file, sparse
from tests.unit.examples import MIB, qcow2

CASES: tuple[Case, ...] = (
    (
        "flavor for no project",
        {"flavors[1].projects[1]": "dp"},
        "flavors[1].projects[1]",
        "there is web, db",
    ),
    (
        "users of a public flavor",
        {"flavors[1].public": True},
        "flavors[1].projects",
        "public: fals",
    ),
    ("flavor's project twice", {"flavors[1].projects[1]": "db"}, "flavors[1].projects", "twice"),
    ("no vcpu", {"flavors[0].vcpus": 0}, "flavors[0].vcpus", "0 is outside 1.."),
    ("less than no disk", {"flavors[0].disk": -1}, "flavors[0].disk", "-1 is outside 0.."),
    ("too much memory for Nova", {"flavors[0].ram": 2**31}, "flavors[0].ram", "1..2147483647"),
    ("too large a disk for Nova", {"flavors[0].disk": 2**31}, "flavors[0].disk", "0..2147483647"),
    (
        "memory too small",
        {"images[0].minRam": 512},
        "servers[0].flavor",
        "'tiny' (256 MiB, 1 GiB disk) is too small for image 'guest',"
        " which needs 512 MiB and 1 GiB; no flavor is large enough",
    ),
    (
        "memory too small, another fits",
        {"images[0].minRam": 384},
        "servers[0].flavor",
        "needs 384 MiB and 1 GiB; take small",
    ),
    ("disk too small", {"images[0].minDisk": 2}, "servers[0].flavor", "needs 128 MiB and 2 GiB"),
    (
        "disk smaller than the image's own",
        {"images[0].file": file(qcow2(1025 * MIB)), "images[0].sha256": None},
        "servers[0].flavor",
        "and 2 GiB",
    ),
    (
        "disk smaller than a raw image",
        {"images[0].file": sparse, "images[0].sha256": None, "images[0].diskFormat": "raw"},
        "servers[0].flavor",
        "and 2 GiB",
    ),
    (
        "no disk for an empty image",
        {
            "images[0].file": file(bytes(1)),
            "images[0].sha256": None,
            "images[0].diskFormat": "raw",
            "images[0].minDisk": 0,
            "flavors[0].disk": 0,
        },
        "servers[0].flavor",
        "(256 MiB, 0 GiB disk) is too small",
    ),
    ("no disk", {"flavors[1].disk": 0}, "servers[1].flavor", "which needs 0 MiB and 1 GiB"),
    (
        "disk smaller than an image's from a url",
        {"images[1].minDisk": 2},
        "servers[1].flavor",
        "which needs 0 MiB and 2 GiB",
    ),
)

ALLOWED: tuple[Allowed, ...] = (
    (
        "the largest flavor",
        {
            "flavors[1].ram": 2**31 - 1,
            "flavors[1].disk": 2**31 - 1,
            "projects[1].quota": {"instances": 1, "cores": 1, "ram": 2**31 - 1},
        },
    ),
    ("as much memory as the image needs", {"images[0].minRam": 256}),
    (
        "as much disk as the image has",
        {"images[0].file": file(qcow2(1024 * MIB)), "images[0].sha256": None},
    ),
)


@each(CASES)
def test_a_mistake_is_named_at_its_place(case: Case, tmp_path: Path) -> None:
    check_refused(case, tmp_path)


@each(ALLOWED)
def test_what_is_just_within_a_limit_is_taken(case: Allowed, tmp_path: Path) -> None:
    check_taken(case, tmp_path)

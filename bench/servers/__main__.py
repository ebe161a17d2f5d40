"""Measures how long servers take on the lab that is up, made in three ways, and prints a table.

`make bench-servers` runs it. Each way makes as many small servers on a network that is there, until
Nova says that all of them run, in turn:

- `pulumi up` of the program, each server with its key pair, security group, rules and port;
- `tofu apply` of the same resources;
- `openstack server create` in a loop on the controller, which makes nothing but servers.

At the end, also after an interruption, the lab is as its settings say again.
"""

import argparse
import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import yaml

from bench.measure import Command, CommandError, timed
from bench.opentofu import configuration
from bench.opentofu.projects import ROLE
from components.passwords import Passwords
from components.settings import load
from tests.unit.examples import as_pulumi

ROOT = Path(__file__).parents[2]
LAB = ROOT / "lab"
TOFU = ROOT / ".bench" / "bin" / "tofu"
MIRROR = ROOT / ".bench" / "mirror"
PULUMI, OPENTOFU, LOOP = "pulumi up", "tofu apply", "openstack server create, in a loop"
BENCH = "bench"
SEGMENTS = {BENCH: 170, "tofu": 171}
"""The projects of the two tools, and the VLANs of their networks."""
PLENTY = 1_000_000
KEY = ".lab/ssh/web1.pub"
UP = (
    *(str(LAB / "pulumi"), "up", "--yes", "--skip-preview", "--non-interactive"),
    "--suppress-outputs",  # so that an error is the end of what it says
)
LIMIT = 1800
"""Seconds until servers that do not all run are given up."""

CREATE = """
set -eu
password=$(cat)
. /etc/keystone/admin-openrc.sh
export OS_USERNAME={project} OS_PROJECT_NAME={project} OS_PASSWORD=$password
for n in $(seq {count}); do
  openstack server create --image guest --flavor tiny --network {project} loop$n >/dev/null
done
for n in $(seq {limit}); do
  states=$(openstack server list -f value -c Status)
  if [ "$(grep -c ACTIVE <<<"$states")" = {count} ]; then exit; fi
  if grep ERROR <<<"$states"; then exit 1; fi
  sleep 1
done
exit 1
"""
DELETE = """
set -eu
. /etc/keystone/admin-openrc.sh
openstack server list --all-projects --name '^loop' -f value -c ID |
  xargs -r openstack server delete --wait
"""
"""Deletes what CREATE has made."""

ROOM = """
. /etc/keystone/admin-openrc.sh
python3 - {ratio} <<'EOF'
import os, sys
from keystoneauth1.adapter import Adapter
from keystoneauth1.identity.v3 import Password
from keystoneauth1.session import Session

names = "auth_url username password project_name user_domain_name project_domain_name".split()
login = Password(**{{name: os.environ[f"OS_{{name.upper()}}"] for name in names}})
session = Session(login, verify=os.environ.get("OS_CACERT", True))
placement = Adapter(session, service_type="placement", interface="public")
for compute in placement.get("/resource_providers").json()["resource_providers"]:
    path = f"/resource_providers/{{compute['uuid']}}/inventories/VCPU"
    there = placement.get(path).json()
    print(there["allocation_ratio"])
    placement.put(path, json={{**there, "allocation_ratio": float(sys.argv[1])}})
EOF
"""
"""Lets servers have so many virtual cores for each core, and prints how many it was.

Nova's own 4 leave the lab's computes room for 16 servers in all; nova-compute keeps another number.
"""
CROWDED = 16


class BenchError(Exception):
    """It cannot be measured; the message says why."""


def say(text: str) -> None:
    """Print progress to stderr, apart from the table."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


def on_controller(name: str, script: str, stdin: str = "") -> str:
    """Return what a script prints on the controller, which must be up (BenchError)."""
    words = [str(LAB / "ssh"), name, shlex.join(["bash", "-c", script])]
    done = subprocess.run(words, input=stdin, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(
            f"{name}: status {done.returncode}\n{(done.stderr or done.stdout)[-2000:]}"
        )
    return done.stdout


def own_config() -> dict[str, Any]:
    """Return the config of the lab's own stack."""
    text = (ROOT / "Pulumi.dev.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)["config"]
    return found


def with_servers(project: str, count: int) -> dict[str, list[dict[str, object]]]:
    """Return the settings of a project with its network and so many servers."""
    segment = SEGMENTS[project]
    ingress = [{"protocol": "tcp", "port": 22, "cidr": "0.0.0.0/0"}]
    shape = {"project": project, "image": "guest", "flavor": "tiny", "network": project}
    key = {"publicKeyFile": KEY, "ingress": ingress}
    return {
        "projects": [
            {"name": project, "quota": {"instances": PLENTY, "cores": PLENTY, "ram": PLENTY}}
        ],
        "networks": [
            {
                "name": project,
                "segment": segment,
                "cidr": f"10.{segment}.0.0/24",
                "project": project,
            }
        ],
        "servers": [{"name": f"{project}{n}", **shape, **key} for n in range(1, count + 1)],
    }


class Program:
    """`pulumi up` of the lab's own cloud, and a project more."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "Pulumi.dev.yaml"

    def up(self, count: int) -> float:
        """Let the project have so many servers; return the seconds."""
        config = own_config()
        for key, entries in with_servers(BENCH, count).items():
            config[f"iaas:{key}"] = [*config.get(f"iaas:{key}", []), *entries]
        return self._up(config)

    def end(self) -> None:
        """Let the lab be as its settings say; what had servers goes only if it is named."""
        self._up(own_config() | {"iaas:allowDeletion": {"networks": [BENCH]}})

    def _up(self, config: dict[str, Any]) -> float:
        self.file.write_text(yaml.safe_dump({"config": config}), encoding="utf-8")
        return timed(Command(UP, ROOT, {**os.environ, "LAB_STACK": str(self.file)}))


class OpenTofu:
    """`tofu apply` of a project, an image and a flavor of its own."""

    def __init__(self, folder: Path, secret: str, role: str) -> None:
        self.folder, self.secret, self.role = folder, secret, role
        self.environment = {
            **{"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": tempfile.gettempdir()},
            "TF_CLI_CONFIG_FILE": os.devnull,
        }
        self._declare(0)
        self._run("init", f"-plugin-dir={MIRROR}")

    def _declare(self, count: int) -> None:
        ours = own_config()
        image = ours["iaas:images"][0]
        config = {
            **{key: ours[f"iaas:{key}"] for key in ("controller", "computes", "provider")},
            **with_servers("tofu", count),
            "images": [{**image, "name": "tofu", "file": str(ROOT / image["file"])}],
            "flavors": [{**ours["iaas:flavors"][0], "name": "tofu"}],
            "secret": self.secret,
        }
        for node in (config["controller"], *config["computes"]):
            node["checkHostKey"] = False
        for server in config["servers"]:
            server |= {"image": "tofu", "flavor": "tofu"}
        # In lines: an error of OpenTofu shows the whole line, and one of these has a password.
        declared = json.dumps(
            configuration(load(as_pulumi(config), project="iaas")).content, indent=1
        )
        (self.folder / "main.tf.json").write_text(declared.replace(ROLE, self.role))

    def _run(self, *words: str) -> float:
        options = ("-no-color", "-input=false")
        return timed(Command([str(TOFU), *words, *options], self.folder, self.environment))

    def up(self, count: int) -> float:
        """Let the project have so many servers; return the seconds."""
        self._declare(count)
        return self._run("apply", "-auto-approve")

    def end(self) -> None:
        """Delete all that it has made."""
        self._run("apply", "-destroy", "-auto-approve")


def in_a_loop(controller: str, password: str, count: int) -> float:
    """Make servers with the client in the project of the program; return the seconds."""
    script = CREATE.format(project=BENCH, count=count, limit=LIMIT)
    begin = time.perf_counter()
    on_controller(controller, script, password)
    return time.perf_counter() - begin


def cut_off(number: int, _: FrameType | None) -> None:
    """Exit through all cleanups."""
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)


def measured(count: int, runs: int, folder: Path) -> dict[str, list[float]]:
    """Return the seconds of each way (BenchError, CommandError)."""
    controller = own_config()["iaas:controller"]["name"]
    secret = subprocess.run(
        [LAB / "pulumi", "config", "get", "secret"], stdout=subprocess.PIPE, text=True, check=True
    ).stdout.strip()
    role = on_controller(
        controller, ". /etc/keystone/admin-openrc.sh; openstack role show member -f value -c id"
    ).strip()
    password = Passwords(secret).plain(f"project {BENCH}")
    found: dict[str, list[float]] = {PULUMI: [], OPENTOFU: [], LOOP: []}
    with contextlib.ExitStack() as ends:
        program, tofu = Program(folder), OpenTofu(folder, secret, role)
        usual = on_controller(controller, ROOM.format(ratio=CROWDED)).split()[0]
        ends.callback(on_controller, controller, ROOM.format(ratio=usual))
        ends.callback(program.end)
        ends.callback(tofu.end)
        program.up(0)
        tofu.up(0)
        ends.callback(on_controller, controller, DELETE)
        ways: Mapping[str, tuple[Callable[[], float], Callable[[], object]]] = {
            PULUMI: (lambda: program.up(count), lambda: program.up(0)),
            OPENTOFU: (lambda: tofu.up(count), lambda: tofu.up(0)),
            LOOP: (
                lambda: in_a_loop(controller, password, count),
                lambda: on_controller(controller, DELETE),
            ),
        }
        for run in range(1, runs + 1):
            for way, (make, clear) in ways.items():
                found[way].append(make())
                say(f"run {run} of {runs}: {way}: {found[way][-1]:.0f} s")
                clear()
    return found


def main(arguments: Sequence[str]) -> int:
    """Print the table; return 0, or 1 where it cannot be measured."""
    parser = argparse.ArgumentParser(prog="bench/servers/run", description=__doc__)
    parser.add_argument("--runs", type=int, default=1, help="of each way (default: 1)")
    parser.add_argument("--servers", type=int, default=20, help="that are made (default: 20)")
    options = parser.parse_args(arguments)
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, cut_off)
    try:
        with tempfile.TemporaryDirectory() as folder:
            found = measured(options.servers, options.runs, Path(folder))
    except (BenchError, CommandError) as error:
        say(str(error))
        return 1
    for way, seconds in found.items():
        least = min(seconds)
        print(f"{way:36}{least:7.1f} s {options.servers / least * 60:7.1f} servers a minute")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

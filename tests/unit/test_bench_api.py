"""The benchmark of the APIs asks as a client does, counts right, and leaves nothing behind."""

import datetime
import hashlib
import hmac
import ipaddress
import json
import re
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import bench.api.__main__ as program
from bench.api.client import (
    NETWORK,
    Caller,
    Cloud,
    Measured,
    RequestError,
    measure,
    until_it_answers,
)
from bench.api.sets import NAMES, NUMBERS, OTHERS, POOLS, SCRIPTS, SIZED, UNITS, WORKERS, lines
from bench.api.table import errors, percentile, table, together
from components import steps
from components.steps import CONTROLLER

ACCOUNT = {
    "OS_USERNAME": "admin",
    "OS_PASSWORD": "pass=word",
    "OS_PROJECT_NAME": "admin",
    "OS_USER_DOMAIN_NAME": "Default",
    "OS_PROJECT_DOMAIN_NAME": "Default",
    "OS_REGION_NAME": "Here",
}
SERVER = {
    "id": "s1",
    "tenant_id": "p1",
    "status": "ACTIVE",
    "addresses": {"front": [{"addr": "10.0.0.5"}]},
}


class Fake(ThreadingHTTPServer):
    """A small cloud on 127.0.0.1: its networks and ports, and how often it was asked for what."""

    request_queue_size = 128
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server_port}"
        self.lock = threading.Lock()
        self.asked: list[tuple[str, str]] = []
        self.there: dict[str, list[str]] = {"networks": [], "ports": [], "subnets": []}
        self.made = 0
        self.down = 0
        """How many of the next requests get no answer but 503."""

    def times(self, method: str, path: str) -> int:
        """Return how often it was asked for this."""
        return self.asked.count((method, path))


class Handler(BaseHTTPRequestHandler):
    """What the small cloud answers."""

    server: Fake

    def answer(self) -> None:
        """Answer as the small cloud does, or not at all."""
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path, method = self.path.partition("?")[0], self.command
        with self.server.lock:
            self.server.asked.append((method, path))
            down, self.server.down = self.server.down > 0, max(self.server.down - 1, 0)
            status, body = (503, None) if down else self.found(method, path, content)
        text = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("X-Subject-Token", "a token")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_DELETE = answer  # noqa: N815

    def found(self, method: str, path: str, content: bytes) -> tuple[int, Any]:
        """Return a status and a body."""
        if path == "/v3/auth/tokens":
            return 201, {"token": {"catalog": catalogue(self.server.base)}}
        if path == "/openstack/latest/meta_data.json":
            return (200, {}) if self.signed() else (403, None)
        if self.headers["X-Auth-Token"] != "a token":
            return 401, None
        if path == "/compute/servers/detail":
            return 200, {"servers": [{"id": "s0", "status": "SHUTOFF"}, SERVER]}
        return self.networking(method, path, content)

    def signed(self) -> bool:
        """Return whether it asks as the agent of a server's compute does."""
        signed = hmac.new(b"secret", b"s1", hashlib.sha256).hexdigest()
        wanted = {
            "X-Instance-ID": "s1",
            "X-Tenant-ID": "p1",
            "X-Forwarded-For": "10.0.0.5",
            "X-Instance-ID-Signature": signed,
        }
        return all(self.headers[key] == value for key, value in wanted.items())

    def networking(self, method: str, path: str, content: bytes) -> tuple[int, Any]:
        """Answer as Neutron does."""
        kind, _, one = path.removeprefix("/network/v2.0/").partition("/")
        there = self.server.there[kind]
        if method == "POST":
            self.server.made += 1
            there.append(f"{kind}{self.server.made}")
            return 201, {kind.removesuffix("s"): {"id": there[-1], **json.loads(content)}}
        if method == "DELETE":
            there.remove(one)
            return 204, None
        return 200, {kind: [{"id": name} for name in there]}

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


def catalogue(base: str) -> list[object]:
    """Return the services, also those for others: of another region, not public."""

    def endpoint(url: str, region: str = "Here", interface: str = "public") -> dict[str, str]:
        return {"url": url, "region": region, "interface": interface}

    closed = "http://127.0.0.1:1"
    nowhere = [endpoint(closed, "There"), endpoint(closed, interface="admin")]
    return [
        {"type": kind, "endpoints": [*nowhere, endpoint(f"{base}/{kind}/"), *nowhere]}
        for kind in ("compute", "network")
    ]


@pytest.fixture
def fake() -> Iterator[Fake]:
    """A small cloud."""
    with Fake() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def wanted(fake: Fake, *arguments: str) -> dict[str, Any]:
    """Return the work of a run of the benchmark on the small cloud, without waiting."""
    account = {**ACCOUNT, "OS_AUTH_URL": f"{fake.base}/v3"}
    printed = "".join(f"{key}={value}\n" for key, value in account.items()) + "\n"
    agent = f"nova_metadata_host 127.0.0.1\nnova_metadata_port {fake.server_port}\n"
    agent += "metadata_proxy_shared_secret secret\n"
    options = program.read(["--seconds=0", "--clients=1,3", "--burst=20", *arguments])
    return {**program.work(printed, agent, options), "warm": 0}


def ran(work: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """Run the client as a node does."""
    command = [sys.executable, "-"]
    return subprocess.run(
        command, input=program.program(work), capture_output=True, text=True, check=False
    )


def test_each_request_is_measured_by_each_number_of_clients(fake: Fake) -> None:
    fake.there["networks"].append("left")
    fake.there["ports"].append("port")
    done = ran(wanted(fake))
    assert done.returncode == 0, done.stdout + done.stderr
    found = list(program.measured(done.stdout))
    assert [(one.request, one.clients) for one in found] == [
        *(("token", 1), ("token", 3), ("servers", 1), ("servers", 3)),
        *(("port, made and deleted", 1), ("port, made and deleted", 3)),
        *(("metadata", 1), ("metadata", 3), ("metadata, all at once", 20)),
    ]
    assert all(len(one.latencies) == one.clients and not one.failed for one in found)
    assert fake.there == {"networks": [], "ports": [], "subnets": fake.there["subnets"]}


def test_services_that_still_start_are_waited_for(fake: Fake) -> None:
    cloud = Cloud({**ACCOUNT, "OS_AUTH_URL": f"{fake.base}/v3"}, "")
    fake.down = 2
    until_it_answers(cloud.login, pause=0)
    fake.down = 2
    with pytest.raises(RequestError, match="503"):
        until_it_answers(cloud.login, seconds=0, pause=0)


def test_a_cloud_that_does_not_answer_is_said() -> None:
    said = json.dumps({"error": "ConnectionRefusedError: refused"})
    with pytest.raises(program.BenchError, match="does not answer: ConnectionRefusedError"):
        list(program.measured(said))


def test_a_network_goes_also_after_an_interruption(fake: Fake) -> None:
    cloud = Cloud({**ACCOUNT, "OS_AUTH_URL": f"{fake.base}/v3"}, "")
    with pytest.raises(KeyboardInterrupt), cloud.network() as network:
        assert fake.there["networks"] == [network]
        raise KeyboardInterrupt
    assert not fake.there["networks"]
    assert NETWORK == "bench-api"


def test_what_fails_is_counted_by_its_error_and_not_timed() -> None:
    answers = iter([None, RequestError("503 Busy"), RequestError("503 Busy"), RequestError("x")])
    lock = threading.Lock()

    def request() -> None:
        with lock:
            answer = next(answers)
        if answer is not None:
            raise answer

    found = measure("it", request, 4, 0)
    assert (len(found.latencies), found.failed) == (1, {"503 Busy": 2, "x": 1})


def test_clients_ask_again_until_the_time_is_over() -> None:
    found = measure("it", lambda: threading.Event().wait(0.01), 2, 0.05)
    assert 0.05 <= found.seconds < 1
    assert len(found.latencies) > 2
    assert min(found.latencies) >= 0.01


def certificate() -> tuple[bytes, str]:
    """Return a key with a certificate for 127.0.0.1, and the certificate, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bench")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private + made, made.decode()


def test_a_service_of_tls_is_asked_with_the_clouds_own_ca_and_not_without(
    fake: Fake, tmp_path: Path
) -> None:
    chain, ca = certificate()
    (tmp_path / "chain").write_bytes(chain)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "chain")
    fake.socket = context.wrap_socket(fake.socket, server_side=True)
    fake.handle_error = lambda *_: None  # type: ignore[method-assign]
    url = f"https://127.0.0.1:{fake.server_port}/v3/auth/tokens"
    headers, _ = Caller(ca).ask("POST", url, {})
    assert headers["X-Subject-Token"] == "a token"
    with pytest.raises(RequestError, match="certificate verify failed"):
        Caller("").ask("POST", url, {})


@pytest.mark.parametrize(
    ("agent", "url"),
    [
        ("", "http://10.0.0.1:8775"),
        ("nova_metadata_protocol https\nnova_metadata_port 9775\n", "https://10.0.0.1:9775"),
    ],
)
def test_where_metadata_is_follows_from_the_agent_and_the_ca_from_the_login(
    agent: str, url: str
) -> None:
    agent += "nova_metadata_host 10.0.0.1\nmetadata_proxy_shared_secret a secret\n"
    printed = "OS_USERNAME=admin\nOS_PASSWORD=a=b c\n\n-----BEGIN\nAA==\n"
    found = program.work(printed, agent, program.read([]))
    assert found["metadata"] == {"url": url, "secret": "a secret"}
    assert found["account"] == {"OS_USERNAME": "admin", "OS_PASSWORD": "a=b c"}
    assert found["ca"] == "-----BEGIN\nAA=="
    assert program.work("OS_X=1\n\n", agent, program.read([]))["ca"] == ""
    assert (found["clients"], found["burst"]) == ([1, 8, 64], 1000)


def test_what_the_nodes_print_is_what_is_read(tmp_path: Path) -> None:
    login = tmp_path / "admin-openrc.sh"
    (tmp_path / "ca").write_text("-----BEGIN\n")
    login.write_text(f"export OS_PASSWORD='x y'\nexport OS_CACERT={tmp_path}/ca\n")
    script = program.ACCOUNT.replace("/etc/keystone/admin-openrc.sh", str(login))
    command, path = ["sh", "-c", script], {"PATH": "/usr/bin:/bin"}
    said = subprocess.run(command, capture_output=True, text=True, check=True, env=path).stdout
    assert {*said.partition("\n\n")[0].splitlines()} == {
        "OS_PASSWORD=x y",
        f"OS_CACERT={tmp_path}/ca",
    }
    assert said.endswith("\n\n-----BEGIN\n")
    ini = tmp_path / "agent.ini"
    ini.write_text("[DEFAULT]\na = b %c\n[ovs]\nd = e\n")
    script = program.METADATA.replace("/etc/neutron/neutron_ovn_metadata_agent.ini", str(ini))
    command = [sys.executable, "-c", script]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said == "a b %c\n"


def test_without_a_lab_or_a_compute_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(program.BenchError, match="`make lab` makes one"):
        program.nodes(tmp_path / "none")
    stack = tmp_path / "stack"
    stack.write_text("config: {'iaas:controller': {name: c}, 'iaas:computes': []}")
    with pytest.raises(program.BenchError, match="no compute"):
        program.nodes(stack)
    stack.write_text("config: {'iaas:controller': {name: c}, 'iaas:computes': [{name: n}]}")
    assert program.nodes(stack) == ("c", "n")


def measured(numbers: Sequence[float] = (), **failed: int) -> Measured:
    return Measured("token", 8, 2.0, list(numbers), failed)


class Runs:
    """What the benchmark does on the lab's nodes, and what they answer."""

    def __init__(self, fails: str = "") -> None:
        self.did: list[str] = []
        self.fails = fails

    def on(self, node: str, *words: str, stdin: str = "") -> str:
        """Note what runs on a node."""
        self.did.append(f"{node}: {words[0].rpartition('-')[2] or words[0]}")
        if program.ACCOUNT in words:
            return "OS_A=b\n\n"
        if program.METADATA in words:
            return "nova_metadata_host h\nmetadata_proxy_shared_secret s\n"
        return "2048000" if program.MEMORY in words else ""

    def ask(self, node: str, work: object) -> list[Measured]:
        """Note that a node asks the cloud."""
        self.did.append(f"{node} asks")
        if self.fails:
            raise program.BenchError(self.fails)
        return [measured([0.1, 0.2])]


def run(monkeypatch: pytest.MonkeyPatch, runs: Runs, *arguments: str) -> tuple[int, list[str]]:
    """Run the whole benchmark on a lab that is made up; return its status and what was done."""
    monkeypatch.setattr(program, "nodes", lambda _: ("controller", "compute"))
    monkeypatch.setattr(program, "on", runs.on)
    monkeypatch.setattr(program, "ask", runs.ask)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    return program.main(arguments), runs.did


STEPS_RUN = [f"controller: {script.rpartition('-')[2]}" for script in SCRIPTS]


def test_each_set_is_measured_in_turn_and_the_steps_come_last(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status, did = run(monkeypatch, Runs(), "--runs=2", "--numbers=fixed,sized")
    measuring = ["compute asks", "controller: sh"]
    once = ["controller: bash", *measuring, *STEPS_RUN, *measuring]
    assert (status, did[2:]) == (0, [*once, *once, *STEPS_RUN])
    assert "fixed 2,000 MiB, sized 2,000 MiB" in capsys.readouterr().out


def test_numbers_are_put_back_also_where_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    status, did = run(monkeypatch, Runs("no answer"))
    assert (status, did[-len(SCRIPTS) :]) == (1, STEPS_RUN)


def test_the_labs_own_numbers_alone_restart_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    status, did = run(monkeypatch, Runs(), f"--numbers={SIZED}")
    assert (status, did[2:]) == (0, ["compute asks", "controller: sh"])


def test_a_set_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        program.read(["--numbers=fixd"])
    assert f"no 'fixd'; there is {', '.join(NAMES)}" in capsys.readouterr().err


def test_the_sets_are_of_the_files_and_units_that_the_steps_write() -> None:
    scripts = {step.script: steps.text(step.source) for step in CONTROLLER}
    found = [scripts[Path(script).name] for script in SCRIPTS]
    text = "\n".join(found)
    assert {*re.findall(r"^\s*slim (\S+)", text, re.MULTILINE)} == {*UNITS}
    assert text.count("$(database_pool)") == len(POOLS)
    for file, _, key in WORKERS:
        assert f"merge {file}" in text and f"\n{key} = $(size " in text
    for unit in (*UNITS.values(), *OTHERS):
        assert re.search(rf"\b{unit}\b", text), unit
    for numbers in NUMBERS.values():
        assert numbers.uwsgi.keys() == {*UNITS.values()}


def test_a_set_says_each_number_once_and_leaves_the_rest_to_the_services() -> None:
    fixed, package = (list(lines(NUMBERS[name])) for name in ("fixed", "package"))
    for said in (fixed, package):
        places = [" ".join(line.split()[:3]) for line in said]
        assert len(set(places)) == len(places)
    assert "/etc/keystone/keystone-uwsgi.ini uwsgi processes 2" in fixed
    assert "/etc/nova/nova.conf conductor workers 1" in fixed
    assert "/etc/nova/nova.conf conductor workers" in package
    assert "/etc/nova/nova.conf api_database max_overflow" in package


def test_runs_of_the_same_count_as_one() -> None:
    runs = [measured([0.1, 0.3], busy=1), measured([0.2], busy=2, lost=1)]
    both = together(runs)
    assert (both.seconds, both.latencies) == (4.0, [0.1, 0.3, 0.2])
    assert both.failed == {"busy": 3, "lost": 1}


@pytest.mark.parametrize(("count", "found"), [(1, 1), (99, 99), (100, 99), (200, 198), (1000, 990)])
def test_99_of_100_are_no_slower_than_the_99th_percentile(count: int, found: int) -> None:
    assert percentile([*range(count, 0, -1)], 0.99) == found


TABLE = """\
request   clients  numbers  a second  median ms  p99 ms  failed

token           8  fixed         1.5        200     300       1
token           8  sized         0.5        100     100       0

metadata    1,000  fixed         0.0          -       -       2"""


def test_the_table_has_the_sets_of_a_request_together() -> None:
    burst = Measured("metadata", 1000, 1.0, [], {"no answer": 2})
    found = {"fixed": [measured([0.1, 0.3, 0.2], busy=1), burst], "sized": [measured([0.1])]}
    assert table(found) == TABLE
    assert list(errors(found)) == [
        "fixed: token, 8 clients: 1 times busy",
        "fixed: metadata, 1000 clients: 2 times no answer",
    ]

"""Asks a cloud's APIs as one, some and many clients, and says how long each answer took.

It runs on a node, which has only Python: nothing here is of another module. Each request has a
connection of its own, since the services close theirs after each answer.
"""

import contextlib
import hashlib
import hmac
import http.client
import json
import resource
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import urlsplit

NETWORK = "bench-api"
"""The network of the ports that it makes, and its subnet. Both go at the end."""
CIDR = "10.255.0.0/20"
TIMEOUT = 60  # seconds for one answer
PATIENCE = 180  # seconds until services that were restarted answer
STACK = 512 * 1024  # bytes of a thread, of which there are a thousand at once

Json = Any


class RequestError(Exception):
    """A service gave another answer, or none; the message says which."""


class Measured(NamedTuple):
    """Requests of one kind by so many clients."""

    request: str
    clients: int
    seconds: float
    """From the first to the last."""
    latencies: list[float]
    """Of each that succeeded, in seconds."""
    failed: dict[str, int]
    """How often each error was seen."""


class Caller:
    """Sends requests; `ca` are the certificates in PEM that it trusts, "" the machine's own."""

    def __init__(self, ca: str) -> None:
        self._context = ssl.create_default_context(cadata=ca or None)

    def ask(
        self, method: str, url: str, body: Json = None, headers: Mapping[str, str] | None = None
    ) -> tuple[http.client.HTTPMessage, bytes]:
        """Return an answer's headers and body (RequestError)."""
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        connection = (
            http.client.HTTPSConnection(host, port, timeout=TIMEOUT, context=self._context)
            if parts.scheme == "https"
            else http.client.HTTPConnection(host, port, timeout=TIMEOUT)
        )
        path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        text = None if body is None else json.dumps(body)
        sent = {"Content-Type": "application/json"} if text else {}
        try:
            connection.request(method, path, text, {**sent, **(headers or {})})
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise RequestError(f"{type(error).__name__}: {error}") from error
        finally:
            connection.close()
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise RequestError(f"{answer.status} {answer.reason}")
        return answer.headers, content


class Cloud:
    """A cloud to one account, by its catalogue. `account` has the OS_ variables of a login."""

    def __init__(self, account: Mapping[str, str], ca: str) -> None:
        self._caller, self._account = Caller(ca), account
        self.token, catalogue = self.login()
        region = account.get("OS_REGION_NAME")
        self.urls = {
            service["type"]: endpoint["url"].rstrip("/")
            for service in catalogue
            for endpoint in service["endpoints"]
            if endpoint["interface"] == "public" and region in (None, endpoint["region"])
        }

    def login(self) -> tuple[str, Json]:
        """Return a new token, and the catalogue with it."""
        account = self._account
        user = {
            "name": account["OS_USERNAME"],
            "password": account["OS_PASSWORD"],
            "domain": {"name": account["OS_USER_DOMAIN_NAME"]},
        }
        project = {
            "name": account["OS_PROJECT_NAME"],
            "domain": {"name": account["OS_PROJECT_DOMAIN_NAME"]},
        }
        identity = {"methods": ["password"], "password": {"user": user}}
        body = {"auth": {"identity": identity, "scope": {"project": project}}}
        headers, content = self._caller.ask("POST", f"{account['OS_AUTH_URL']}/auth/tokens", body)
        return headers["X-Subject-Token"], json.loads(content)["token"]["catalog"]

    def ask(self, method: str, service: str, path: str, body: Json = None) -> Json:
        """Return what a service answers, None if that is nothing (RequestError)."""
        headers = {"X-Auth-Token": self.token}
        _, content = self._caller.ask(method, f"{self.urls[service]}{path}", body, headers)
        return json.loads(content) if content else None

    def metadata(self, url: str, secret: str) -> Callable[[], object]:
        """Return a request for a server's metadata, as the agent of its compute sends it."""
        servers = self.ask("GET", "compute", "/servers/detail?all_tenants=1")["servers"]
        server = next((one for one in servers if one["status"] == "ACTIVE"), None)
        if server is None:
            raise RequestError("the cloud has no active server, whose metadata it could ask for")
        addresses = [one["addr"] for each in server["addresses"].values() for one in each]
        signature = hmac.new(secret.encode(), server["id"].encode(), hashlib.sha256).hexdigest()
        headers = {
            "X-Instance-ID": server["id"],
            "X-Tenant-ID": server["tenant_id"],
            "X-Forwarded-For": addresses[0] if addresses else "",
            "X-Instance-ID-Signature": signature,
        }
        path = f"{url}/openstack/latest/meta_data.json"
        return lambda: self._caller.ask("GET", path, headers=headers)

    @contextlib.contextmanager
    def network(self) -> Iterator[str]:
        """Make a network for ports, whose id this is; it goes at the end, with what is on it."""
        self._remove_networks()
        try:
            # No server is on it, so nothing else has to be there for it.
            wanted = {"name": NETWORK, "provider:network_type": "geneve"}
            made = self.ask("POST", "network", "/v2.0/networks", {"network": wanted})["network"]
            subnet = {
                "network_id": made["id"], "name": NETWORK, "ip_version": 4, "cidr": CIDR,
                "gateway_ip": None, "enable_dhcp": False,
            }  # fmt: skip
            self.ask("POST", "network", "/v2.0/subnets", {"subnet": subnet})
            yield made["id"]
        finally:
            self._remove_networks()

    def _remove_networks(self) -> None:
        """Remove its networks, also those that were left by a run that was cut off."""
        for network in self.ask("GET", "network", f"/v2.0/networks?name={NETWORK}")["networks"]:
            ports = self.ask("GET", "network", f"/v2.0/ports?network_id={network['id']}")["ports"]
            for port in ports:
                self.ask("DELETE", "network", f"/v2.0/ports/{port['id']}")
            self.ask("DELETE", "network", f"/v2.0/networks/{network['id']}")

    def port(self, network: str) -> None:
        """Make a port, and delete it."""
        body = {"port": {"network_id": network, "name": NETWORK}}
        made = self.ask("POST", "network", "/v2.0/ports", body)["port"]
        self.ask("DELETE", "network", f"/v2.0/ports/{made['id']}")


def measure(name: str, request: Callable[[], object], clients: int, seconds: float) -> Measured:
    """Let clients send requests for so long, each the next when it has the last answer.

    With 0 seconds each sends one: all of them at once.
    """
    latencies: list[float] = []
    failed: Counter[str] = Counter()
    times: list[float] = []
    begin = threading.Barrier(clients, action=lambda: times.append(time.perf_counter()))

    def client() -> None:
        begin.wait()
        while True:
            asked = time.perf_counter()
            try:
                request()
            except RequestError as error:
                failed[str(error)] += 1
            else:
                latencies.append(time.perf_counter() - asked)
            if time.perf_counter() - times[0] >= seconds:
                return

    before = threading.stack_size(STACK)
    try:
        threads = [threading.Thread(target=client) for _ in range(clients)]
        for thread in threads:
            thread.start()
    finally:
        threading.stack_size(before)
    for thread in threads:
        thread.join()
    took = time.perf_counter() - times[0]
    return Measured(name, clients, took, latencies, dict(failed))


def until_it_answers(
    request: Callable[[], object], seconds: float = PATIENCE, pause: float = 0.5
) -> None:
    """Wait until a request succeeds (RequestError: it does not within that time)."""
    end = time.monotonic() + seconds
    while True:
        try:
            request()
        except RequestError:
            if time.monotonic() >= end:
                raise
            time.sleep(pause)
        else:
            return


def measurements(work: Json) -> Iterator[Measured]:
    """Yield what is measured, as the work says: see `work` in `__main__.py`."""
    account, ca = work["account"], work["ca"]
    until_it_answers(lambda: Cloud(account, ca))
    cloud = Cloud(account, ca)
    seconds = work["seconds"]
    with contextlib.ExitStack() as stack:
        servers = "/servers/detail?all_tenants=1"
        until_it_answers(lambda: cloud.ask("GET", "compute", servers))
        until_it_answers(lambda: cloud.ask("GET", "network", "/v2.0/networks"))
        metadata = cloud.metadata(work["metadata"]["url"], work["metadata"]["secret"])
        network = stack.enter_context(cloud.network())
        requests: dict[str, Callable[[], object]] = {
            "token": cloud.login,
            "servers": lambda: cloud.ask("GET", "compute", servers),
            "port, made and deleted": lambda: cloud.port(network),
            "metadata": metadata,
        }
        for name, request in requests.items():
            until_it_answers(request)
            # Each process reads its code and makes its connections at its first request.
            measure(name, request, max(work["clients"]), work["warm"])
            for clients in work["clients"]:
                yield measure(name, request, clients, seconds)
        yield measure("metadata, all at once", metadata, work["burst"], 0)


def main(work: Json) -> int:
    """Do the work and print what was measured, a line of JSON each; 1 if it cannot be done."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        for measured in measurements(work):
            print(json.dumps(measured._asdict()), flush=True)
    except RequestError as error:
        print(json.dumps({"error": str(error)}), flush=True)
        return 1
    return 0

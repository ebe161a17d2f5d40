"""JSON over HTTP with a forge: one address, one token, and errors that say what to do."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from itertools import count
from typing import TypeVar

import requests
from pydantic import TypeAdapter, ValidationError
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.util import Retry

from ..errors import JobError

TIMEOUT = (10, 30)
"""Seconds to connect, and between two parts of an answer."""
PAGE = 100
"""Entries of a list in one answer, the most that both forges give."""
_RETRY = (429, 502, 503, 504)
"""What a forge answers when it could not just now; only reading is tried again."""
WAIT = 0.5
"""Seconds before the second try after the first; then twice as long each time."""
_HINTS: Mapping[int, str] = {
    401: "the token is wrong, or no longer valid",
    403: "the token may not do this: a GitHub job lacks a permission, a GitLab token role or scope",
    404: "it is not there, or the token may not see it",
}

Answer = TypeVar("Answer")


class _Bearer(AuthBase):
    """A token that goes with each request, so that a netrc file's login does not."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Api:
    """The API under one address. All methods raise JobError."""

    def __init__(self, address: str, token: str, headers: Mapping[str, str] | None = None) -> None:
        self._address = address.rstrip("/")
        self._session = requests.Session()
        self._session.auth = _Bearer(token)
        self._session.headers.update(headers or {})
        retry = Retry(
            3,
            backoff_factor=WAIT,
            status_forcelist=_RETRY,
            allowed_methods={"GET"},
            raise_on_status=False,
        )
        self._session.mount(self._address, HTTPAdapter(max_retries=retry))

    def get(self, path: str, answer: type[Answer]) -> Answer:
        """Return what is at a path."""
        return _parsed(self._answered("GET", path), answer)

    def text(self, path: str) -> str:
        """Return the text that is at a path."""
        return self._answered("GET", path).content.decode(errors="replace")

    def pages(self, path: str, entry: type[Answer], **query: str) -> Iterator[Answer]:
        """Yield the entries of a list, however many pages it has."""
        for page in count(1):
            # By number, as the address of the next page would be the server's to choose.
            query |= {"page": str(page), "per_page": str(PAGE)}
            response = self._answered("GET", path, query=query)
            yield from _parsed(response, list[entry])  # type: ignore[valid-type]
            if "next" not in response.links:
                return

    def send(self, method: str, path: str, body: Mapping[str, str]) -> None:
        """Make or change what is at a path."""
        self._answered(method, path, body=body)

    def _answered(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, str] | None = None,
    ) -> requests.Response:
        what = f"{method} {self._address}{path}"
        try:
            response = self._session.request(
                method,
                self._address + path,
                params=query,
                json=body,
                timeout=TIMEOUT,
                allow_redirects=False,  # the token is for this address
            )
        except requests.RequestException as error:
            raise JobError(f"{what}: no answer: {error}") from None
        if response.status_code >= HTTPStatus.MULTIPLE_CHOICES:
            hint = _HINTS.get(response.status_code, response.headers.get("Location", ""))
            said = " ".join(response.text.split())[:300]
            raise JobError(
                f"{what}: {response.status_code}: {said}" + (f" ({hint})" if hint else "")
            )
        return response


def _parsed(response: requests.Response, answer: type[Answer]) -> Answer:
    try:
        return TypeAdapter(answer).validate_json(response.content)
    except ValidationError as error:
        what = f"{response.request.method} {response.url}"
        raise JobError(f"{what}: not what this API answers: {error}") from None


def required(environment: Mapping[str, str], name: str) -> str:
    """Return a variable that the forge gives its jobs."""
    if value := environment.get(name, ""):
        return value
    raise JobError(f"{name} is not set; pull_requests/README.md says what a job needs")

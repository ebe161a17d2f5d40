"""Prints which TCP ports take a connection, a line `ADDRESS PORT` each.

    scan.py FIRST LAST ADDRESS...   these ports of these addresses

It uses Python alone, as it runs on nodes, too. A port that is silent for SILENT seconds is closed.
"""

import resource
import select
import socket
import sys
import time
from collections.abc import Iterator

SILENT = 1.0
AT_ONCE = 20000
SPARE = 100  # files that are open anyway

Target = tuple[str, int]


def answers(targets: list[Target]) -> Iterator[Target]:
    """Yield those that take a connection, of as many as may be asked at once."""
    asked: dict[int, tuple[socket.socket, Target]] = {}
    with select.epoll() as poll:
        for target in targets:
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(target)
            asked[one.fileno()] = (one, target)
            poll.register(one, select.EPOLLOUT)
        until = time.monotonic() + SILENT
        while asked and (left := until - time.monotonic()) > 0:
            for number, _ in poll.poll(left):
                one, target = asked.pop(number)
                with one:
                    poll.unregister(one)
                    if one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0:
                        yield target
        for one, _ in asked.values():
            one.close()


def main(first: int, last: int, addresses: list[str]) -> None:
    """Ask all of them, as many at once as this process may open files."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = AT_ONCE + SPARE if most == resource.RLIM_INFINITY else min(AT_ONCE + SPARE, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, most))
    step = limit - SPARE
    targets = [(address, port) for address in addresses for port in range(first, last + 1)]
    for start in range(0, len(targets), step):
        for address, port in answers(targets[start : start + step]):
            print(address, port)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])

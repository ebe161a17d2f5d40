"""Bytes on their way through programs, for backups: never whole in memory, never in a file."""

import contextlib
import hashlib
import os
import subprocess
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

CHUNK = 2**20
GZIP = 31
"""zlib's word for gzip's format."""
Chunks = Iterable[bytes]


class Failed(Exception):  # noqa: N818  # it is what a person reads
    """Something was not done, and why."""


class Sum:
    """The size and SHA-256 of what has passed."""

    def __init__(self) -> None:
        self.size = 0
        self._sha = hashlib.sha256()

    def of(self, chunks: Chunks) -> Iterator[bytes]:
        """Let chunks pass."""
        for chunk in chunks:
            self.size += len(chunk)
            self._sha.update(chunk)
            yield chunk

    @property
    def text(self) -> str:
        """Its hexadecimal digits."""
        return self._sha.hexdigest()


def through(
    words: Sequence[str], chunks: Chunks = (), files: Sequence[int] = ()
) -> Iterator[bytes]:
    """Yield what a program prints that reads these chunks, and has these open files.

    It fails (Failed) with the program, and with what yields the chunks.
    """
    pipe = subprocess.PIPE
    with tempfile.TemporaryFile() as errors:
        with (
            subprocess.Popen(
                words, stdin=pipe, stdout=pipe, stderr=errors, pass_fds=files
            ) as program,
            ThreadPoolExecutor(1) as pool,
        ):
            fed = pool.submit(_feed, program, chunks)
            assert program.stdout is not None  # noqa: S101
            try:
                while chunk := program.stdout.read(CHUNK):
                    yield chunk
            except BaseException:
                program.kill()
                raise
            fed.result()
        if program.returncode:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip() or f"status {program.returncode}"
            raise Failed(f"{words[0]}: {said[-500:]}")


def _feed(program: subprocess.Popen[bytes], chunks: Chunks) -> None:
    assert program.stdin is not None  # noqa: S101
    try:
        # A program that ends early says itself why.
        with contextlib.suppress(BrokenPipeError), program.stdin as to:
            for chunk in chunks:
                to.write(chunk)
    except BaseException:
        program.kill()
        raise


def run(words: Sequence[str], text: str = "") -> str:
    """Return what a program prints (Failed)."""
    return b"".join(through(words, [text.encode()])).decode()


def drain(chunks: Chunks) -> None:
    """Read all of it."""
    for _ in chunks:
        pass


def packed(chunks: Chunks) -> Iterator[bytes]:
    """Compress: databases to about a tenth."""
    gzip = zlib.compressobj(1, wbits=GZIP)
    for chunk in chunks:
        yield gzip.compress(chunk)
    yield gzip.flush()


def unpacked(chunks: Chunks) -> Iterator[bytes]:
    """Undo `packed` (Failed: its end is missing)."""
    gzip = zlib.decompressobj(wbits=GZIP)
    try:
        for chunk in chunks:
            yield gzip.decompress(chunk)
    except zlib.error as error:
        raise Failed(f"it can't be decompressed: {error}") from None
    if not gzip.eof:
        raise Failed("its end is missing")


def encrypted(chunks: Chunks, recipient: str) -> Iterator[bytes]:
    """Encrypt for a key."""
    return through(["age", "--encrypt", "--recipient", recipient], chunks)


def decrypted(chunks: Chunks, identity: str) -> Iterator[bytes]:
    """Decrypt with a key, which goes by a pipe: it is neither in a file nor in argv."""
    reads, writes = os.pipe()
    try:
        with os.fdopen(writes, "w", encoding="utf-8") as pipe:
            pipe.write(f"{identity}\n")
        key = f"/dev/fd/{reads}"
        yield from through(["age", "--decrypt", "--identity", key], chunks, [reads])
    finally:
        os.close(reads)

"""A real PostgreSQL and a real Redis for the tests, started in temporary folders and stopped again.

A `conftest.py` imports the fixtures it wants: `postgres`, `redis_url` (both once per test process, so that
pytest-xdist just works) and `database`, the URL of an empty database for one test.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.projects import missing

if TYPE_CHECKING:
    from collections.abc import Iterator

USER = "postgres"
ATTEMPTS = 3
DEADLINE = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """A running cluster, which trusts everybody on the loopback interface."""

    binaries: Path
    port: int
    control: tuple[str, ...] = ()
    """`pg_ctl` for this cluster."""
    names: Iterator[int] = field(default_factory=itertools.count)

    def url(self, name: str) -> str:
        """The DATABASE_URL of the database `name`."""
        return f"postgres://{USER}@127.0.0.1:{self.port}/{name}"

    def create(self) -> str:
        """The name of a new, empty database."""
        name = f"e2e_{next(self.names)}"
        self._client("createdb", name)
        return name

    def drop(self, name: str) -> None:
        """Remove the database `name`, with the one that Django's test runner may have left beside it."""
        for each in (name, f"test_{name}"):
            self._client("dropdb", "--if-exists", "--force", each)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Nobody listens while the block runs; then the cluster is there again, under the same address."""
        _run(*self.control, "-m", "immediate", "stop")
        try:
            yield
        finally:
            _run(*self.control, "start")

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """While the block runs, connections are taken and nothing is answered."""
        data = Path(self.control[self.control.index("-D") + 1])
        process = int((data / "postmaster.pid").read_text().split()[0])
        os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(process, signal.SIGCONT)

    def _client(self, program: str, *arguments: str) -> None:
        where = ("-h", "127.0.0.1", "-p", str(self.port), "-U", USER)
        command = [self.binaries / program, *where, *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd="/")


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A PostgreSQL of our own in a temporary folder; skips the test if there are no binaries."""
    binaries = _postgres_binaries()
    folder = Path(tempfile.mkdtemp(prefix="djroadmap-pg-"))
    try:
        prefix = _as_somebody_else(folder)
        data = str(folder / "data")
        options = ("-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        _run(*prefix, str(binaries / "initdb"), "-D", data, *options)
        control = (*prefix, str(binaries / "pg_ctl"), "-D", data, "-w", "-s")
        port, start = _start_postgres(control, folder)
        try:
            yield Postgres(binaries=binaries, port=port, control=(*control, *start))
        finally:
            _run(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running_redis(port: int | None = None) -> Iterator[str]:
    """A Redis of our own, at this port if it is given; the URL of its first database.

    Skips the test if there is no binary.
    """
    wanted = port
    program = shutil.which("redis-server") or missing("redis-server")
    with tempfile.TemporaryDirectory(prefix="djroadmap-redis-") as folder:
        for _ in range(ATTEMPTS):
            port = wanted or free_port()
            options = ("--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no")
            process = subprocess.Popen(
                [program, *options, "--dir", folder],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            try:
                if _answers(process, port):
                    yield f"redis://127.0.0.1:{port}/0"
                    return
            finally:
                process.terminate()
                process.wait()
        pytest.fail("redis-server does not start")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The PostgreSQL of this test process."""
    with running_postgres() as server:
        yield server


@pytest.fixture
def database(postgres: Postgres) -> Iterator[str]:
    """The DATABASE_URL of an empty database, dropped after the test."""
    name = postgres.create()
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The REDIS_URL of the Redis of this test process."""
    with running_redis() as url:
        yield url


def _postgres_binaries() -> Path:
    """The folder of the newest PostgreSQL: Debian keeps them off PATH, one folder for each version."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    on_path = shutil.which("initdb")
    folders = [*reversed(versions), *([Path(on_path).resolve().parent] if on_path else [])]
    for folder in folders:
        if all((folder / name).exists() for name in ("initdb", "pg_ctl", "postgres", "createdb", "dropdb")):
            return folder
    return missing("PostgreSQL (initdb, pg_ctl, postgres, createdb)")


def _as_somebody_else(folder: Path) -> tuple[str, ...]:
    """What to put before a command of PostgreSQL, which refuses to run as root; its user gets `folder`."""
    if os.geteuid() != 0:
        return ()
    runuser = shutil.which("runuser") or missing("runuser, to start PostgreSQL as another user than root")
    users = {user.pw_name for user in pwd.getpwall()}
    user = next((name for name in (USER, "nobody") if name in users), None) or missing("the user nobody")
    shutil.chown(folder, user)
    return (runuser, "-u", user, "--")


def _start_postgres(control: tuple[str, ...], folder: Path) -> tuple[int, tuple[str, ...]]:
    """Start the server: its port, and the options that it was started with. Another process may take the free port in between, so try again."""
    for attempt in range(ATTEMPTS):
        port = free_port()
        flags = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
        fast = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=100"
        options = ("-l", str(folder / "log"), "-o", f"{flags} {fast}")
        try:
            _run(*control, *options, "start")
        except AssertionError:
            if attempt == ATTEMPTS - 1:
                raise
        else:
            return port, options
    raise AssertionError


def _run(*command: str) -> None:
    """Run a command of the server; `AssertionError` with its output if it fails.

    The output goes to a file, for the server inherits it: a pipe would never end.
    """
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            command, cwd="/", stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False
        )
        output.seek(0)
        assert done.returncode == 0, output.read()


def free_port() -> int:
    """A port of the loopback interface that nobody listens on; somebody may in a moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    """Whether the Redis that was just started is ready; False if it ended."""
    deadline = time.monotonic() + DEADLINE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                if connection.recv(16).startswith(b"+PONG"):
                    return True
        except OSError:
            pass
        time.sleep(0.05)
    return False

"""A PostgreSQL of Debian's packages for tests: on loopback, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

__all__ = ["PASSWORD", "PostgresServer", "programs"]

PASSWORD = "Wombat/%41 @x:7#?"
"""Of all roles: it has what a URL must escape, and no other text holds it."""
_START_SECONDS = 30

SETUP = """
CREATE TABLE customers (id integer PRIMARY KEY, name text NOT NULL, city text);
INSERT INTO customers VALUES
  (1, 'Ann O''Hara', 'Köln'), (2, 'Bob "Bobby" B', NULL), (3, 'Chi; DROP', 'Oslo');
CREATE TABLE orders (
  id bigint PRIMARY KEY, customer integer REFERENCES customers,
  day date, at timestamptz, amount numeric(10,2), price numeric(30,12), note text,
  paid boolean, tags text[], extra jsonb, code uuid);
INSERT INTO orders
  SELECT n, 1 + n % 3, DATE '2024-01-01' + n,
    TIMESTAMPTZ '2024-01-01 12:00:00+02' + n * INTERVAL '1 hour',
    CASE WHEN n % 10 = 0 THEN NULL ELSE n * 1.25 END,
    123456789012345678.123456789012 + n,
    CASE WHEN n = 1 THEN E'it''s "quoted", 100% :fine\\n' ELSE 'note ' || n END,
    n % 2 = 0, ARRAY['a', 'b' || n], jsonb_build_object('n', n),
    ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid
  FROM generate_series(1, 250) AS n;
CREATE TABLE big AS SELECT n AS id, n % 7 AS kind FROM generate_series(1, 20000) AS n;
CREATE TABLE nothing (a integer);
CREATE VIEW paid AS SELECT * FROM orders WHERE paid;
CREATE SEQUENCE numbers;
CREATE SCHEMA other;
CREATE TABLE other.sums (a integer, b integer);
INSERT INTO other.sums VALUES (1, 2);
CREATE FUNCTION adds() RETURNS integer LANGUAGE plpgsql AS $$
  BEGIN INSERT INTO customers VALUES (99, 'smuggled'); RETURN 1; END $$;
CREATE FUNCTION turns_on_and_adds() RETURNS integer LANGUAGE plpgsql AS $$
  BEGIN PERFORM set_config('transaction_read_only', 'off', false);
  INSERT INTO customers VALUES (99, 'smuggled'); RETURN 1; END $$;
CREATE ROLE writer LOGIN PASSWORD '{password}';
CREATE ROLE reader LOGIN PASSWORD '{password}';
GRANT ALL ON ALL TABLES IN SCHEMA public, other TO writer;
GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO writer;
GRANT ALL ON SCHEMA public, other TO writer;
GRANT SELECT ON ALL TABLES IN SCHEMA public, other TO reader;
GRANT USAGE ON SCHEMA other TO reader;
ANALYZE;
"""


def programs() -> Path | None:
    """The folder that holds `initdb` and `postgres`, None where there is none."""
    found = [*Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if on_path := shutil.which("initdb"):
        found.append(Path(on_path))
    return max(found).parent if found else None


class PostgresServer:
    """A server with the database `shop`, and the roles `writer`, `reader` and `owner`.

    `owner` is a superuser. All must give the password (SCRAM).

    Example:
        >>> with PostgresServer() as server:  # doctest: +SKIP
        ...     server.url("reader")
    """

    def __init__(self) -> None:
        self.port = 0
        self._folder = Path(tempfile.mkdtemp(prefix="postgres-"))
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, role: str, password: str = "$SHOP_PASSWORD") -> str:
        """A URL as a user writes it; the password is that of a variable."""
        return f"postgresql://{role}:{password}@127.0.0.1:{self.port}/shop"

    def __enter__(self) -> Self:
        try:
            self._make()
            self._start()
            self.execute("CREATE DATABASE shop", database="postgres")
            self.execute(SETUP.replace("{password}", PASSWORD))
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=_START_SECONDS)
        shutil.rmtree(self._folder, ignore_errors=True)

    def execute(self, statements: str, *, database: str = "shop") -> list[Any]:
        """Do as the owner does, and commit; the rows of the last statement."""
        import psycopg  # noqa: PLC0415 - only where there is a server

        with psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="owner",
            password=PASSWORD,
            dbname=database,
            autocommit=True,
        ) as connection:
            cursor = connection.execute(statements)
            return list(cursor.fetchall()) if cursor.description else []

    def _make(self) -> None:
        found = programs()
        assert found is not None
        secret = self._folder / "password"
        secret.write_text(PASSWORD)
        if os.getuid() == 0:
            owner = pwd.getpwnam("postgres")
            for path in (self._folder, secret):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        self._run(
            str(found / "initdb"),
            *("-D", str(self._folder / "data"), "-U", "owner", "--no-sync"),
            *("-A", "scram-sha-256", "--pwfile", str(secret)),
            *("-E", "UTF8", "--locale", "C.UTF-8"),
        ).wait()
        assert (self._folder / "data" / "PG_VERSION").exists(), self._said()

    def _start(self) -> None:
        found = programs()
        assert found is not None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        settings = (
            "listen_addresses=127.0.0.1",
            f"port={self.port}",
            "unix_socket_directories=",
            "fsync=off",
            "shared_buffers=16MB",
        )
        self._process = self._run(
            str(found / "postgres"),
            *("-D", str(self._folder / "data")),
            *(word for setting in settings for word in ("-c", setting)),
        )
        for _ in self._waiting():
            try:
                self.execute("SELECT 1", database="postgres")
            except Exception:  # noqa: BLE001 - not up yet
                continue
            return
        raise AssertionError(self._said())

    def _waiting(self) -> Iterator[None]:
        ends_at = time.monotonic() + _START_SECONDS
        while time.monotonic() < ends_at:
            assert self._process is not None
            if self._process.poll() is not None:
                return
            yield
            time.sleep(0.05)

    def _run(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a program, by the user `postgres` where this one is root."""
        as_other: dict[str, Any] = {}
        if os.getuid() == 0:
            as_other = {"user": "postgres", "group": "postgres", "extra_groups": []}
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(
                words,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
                **as_other,
            )

    def _said(self) -> str:
        return (self._folder / "log").read_text(errors="replace")

"""Files behind https addresses, from a real server with a certificate of its own."""

from __future__ import annotations

import gzip
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from analyst.data.fetching import web
from analyst.data.fetching.fetched import Fetched
from analyst.errors import InputError

CERTIFICATE = Path(__file__).parents[1] / "session" / "self_signed.pem"
TABLE = b"day,amount\n2024-01-01,3\n"
PAGE = b"\n<!DOCTYPE html><title>Sales</title>"
TOKEN = "quokkatoken"
SHARED = f"/sales.csv?key={TOKEN}"


class Shop(BaseHTTPRequestHandler):
    """Answers as its paths say."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer."""
        path = urlsplit(self.path).path
        status = path.removeprefix("/status/")
        if path in DEEDS:
            DEEDS[path](self)
        elif status.isdigit():
            self.give(b"no", int(status))
        else:
            self.give(TABLE)

    def give(self, body: bytes, status: int = 200, **headers: str) -> None:
        """A whole answer."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def redirect(self, target: str) -> None:
        """Send elsewhere."""
        self.give(b"", 302, Location=target)

    def lie_about_length(self) -> None:
        """Announce little and close; give more than was announced without end."""
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):
            while True:
                self.wfile.write(b"x" * 65536)

    def end_early(self) -> None:
        """Announce more than is given."""
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(TABLE)
        self.close_connection = True

    def trickle(self, *, body: bool) -> None:
        """One character now and then, in the header or in the body."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        if body:
            self.wfile.write(b"a\r\n\r\n")
        with suppress(OSError):
            for _ in range(200):
                self.wfile.write(b"a")
                time.sleep(0.05)
        self.close_connection = True

    def speak_nonsense(self) -> None:
        """No line of HTTP."""
        self.wfile.write(b"\0" * 100_000)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as there
        """Say nothing."""


DEEDS: dict[str, Callable[[Shop], None]] = {
    "/page.csv": lambda shop: shop.give(PAGE),
    "/page.html": lambda shop: shop.give(PAGE),
    "/empty.csv": lambda shop: shop.give(b""),
    "/typed": lambda shop: shop.give(TABLE, Content_Type="text/csv; charset=utf-8"),
    "/packed.csv.gz": lambda shop: shop.give(gzip.compress(TABLE)),
    "/moved": lambda shop: shop.redirect("/sales.csv"),
    "/round": lambda shop: shop.redirect("/round"),
    "/to-http": lambda shop: shop.redirect(f"http://127.0.0.1:1/{TOKEN}"),
    "/to-file": lambda shop: shop.redirect("file:///etc/passwd"),
    "/to-user": lambda shop: shop.redirect(f"https://a:{TOKEN}@127.0.0.1/x"),
    "/endless.csv": Shop.lie_about_length,
    "/early.csv": Shop.end_early,
    "/slow-head.csv": lambda shop: shop.trickle(body=False),
    "/slow-body.csv": lambda shop: shop.trickle(body=True),
    "/nonsense": Shop.speak_nonsense,
}


class Server(ThreadingHTTPServer):
    """Says nothing where a client goes away."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Where the server is."""
    server = Server(("127.0.0.1", 0), Shop)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificate of the server is one that this process trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def everything(fetched: Fetched) -> str:
    """All that a person or a program may see of it."""
    return f"{fetched!r} {fetched.refresh} {fetched.notes} {fetched.origin}"


def chain(error: BaseException | None) -> str:
    """The texts of an error and of all that it remembers."""
    texts = []
    while error is not None:
        texts.append(f"{error!r} {error} {vars(error)}")
        error = error.__cause__ or error.__context__
    return "\n".join(texts)


def test_a_file_is_saved_as_it_is(site: str, tmp_path: Path) -> None:
    """Named after its path and its content; the same content is not written twice."""
    fetched = web.fetch(f"{site}/sales.csv", tmp_path)
    again = web.fetch(f"{site}/moved/../sales.csv", tmp_path)
    assert fetched.path.read_bytes() == TABLE
    assert fetched.path.name.startswith("sales-")
    assert fetched.path.suffix == ".csv"
    assert (again.path, again.is_new) == (fetched.path, False)
    assert list(tmp_path.iterdir()) == [fetched.path]
    assert fetched.origin == f"{site}/sales.csv"
    assert fetched.name == "sales"
    assert not fetched.notes


def test_the_refresh_code_fetches_again(
    site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is plain code, commented out."""
    fetched = web.fetch(f"{site}/sales.csv", tmp_path)
    code = fetched.refresh.replace("# ", "").partition("\n")[2]
    exec(code, {"DATA": tmp_path / "again"})
    assert (tmp_path / "again").read_bytes() == TABLE
    assert all(line.startswith("# ") for line in fetched.refresh.splitlines())


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/packed.csv.gz", r"packed-\w{8}\.csv\.gz"),
        ("/typed", r"typed-\w{8}\.csv"),
        ("/", r"127_0_0_1_\d+-\w{8}"),
        ("/a%20b%2F..%2Fc.CSV", r"c-\w{8}\.csv"),
        ("/%2e%2e/%2E%2e%5c.csv", r"table-\w{8}\.csv"),
        ("/größe.csv", r"größe-\w{8}\.csv"),
        (f"/{'x' * 300}.csv", r"x{60}-\w{8}\.csv"),
    ],
)
def test_names_are_harmless(site: str, tmp_path: Path, path: str, name: str) -> None:
    """Whatever the address looks like, it is one file in the folder."""
    fetched = web.fetch(site + path, tmp_path)
    assert fetched.path.parent == tmp_path
    assert list(tmp_path.iterdir()) == [fetched.path]
    assert re.fullmatch(name, fetched.path.name), fetched.path.name


def test_a_page_instead_of_a_table_is_said(site: str, tmp_path: Path) -> None:
    """Only where the address promised something else."""
    (note,) = web.fetch(f"{site}/page.csv", tmp_path).notes
    assert "a web page came" in note
    assert web.fetch(f"{site}/page.html", tmp_path).notes == ()


def test_a_token_in_the_address_is_seen_nowhere(site: str, tmp_path: Path) -> None:
    """Neither in what was fetched, nor in an error and what it remembers."""
    fetched = web.fetch(site + SHARED, tmp_path)
    assert TOKEN not in everything(fetched)
    assert fetched.path.read_bytes() == TABLE
    assert "with what follows the ? in your address" in fetched.refresh
    bad = [f"{site}{path}?{TOKEN}" for path in FAULTS]
    bad += [f"https://ann:{TOKEN}@127.0.0.1/x", f"https://127.0.0.1:1/x?{TOKEN}"]
    bad += [f"https://[{TOKEN}/x", f"https://127.0.0.1:x/{TOKEN}", f"ftp://a/{TOKEN}"]
    for url in bad:
        with pytest.raises(InputError) as caught:
            web.fetch(url, tmp_path, max_bytes=1 << 20, max_seconds=0.5)
        assert TOKEN not in chain(caught.value), url
        assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == [fetched.path]


FAULTS = {
    "/status/401": "wants you to log in",
    "/status/403": "does not let everybody",
    "/status/404": "has nothing there: check the address",
    "/status/418": r"is refused by its server \(status 418\)",
    "/status/429": "is asked too often",
    "/status/503": r"fails at its server \(status 503\)",
    "/empty.csv": "answers with an empty file",
    "/round": "redirects without end",
    "/to-http": "redirects without end or to where https does not lead",
    "/to-file": "redirects without end or to where https does not lead",
    "/to-user": "redirects without end or to where https does not lead",
    "/endless.csv": "holds more than 1 MB",
    "/early.csv": "ended before the file was complete",
    "/slow-head.csv": "takes too long",
    "/slow-body.csv": "takes too long",
    "/nonsense": "cannot be fetched",
}


@pytest.mark.parametrize("path", FAULTS)
def test_faults_are_one_sentence_and_leave_nothing(
    site: str, tmp_path: Path, path: str
) -> None:
    """Whatever a server does, in bounded time, and no half file stays."""
    began = time.monotonic()
    with pytest.raises(InputError, match=FAULTS[path]) as caught:
        web.fetch(site + path, tmp_path, max_bytes=1 << 20, max_seconds=0.5)
    assert time.monotonic() - began < 5
    assert str(caught.value).startswith(f"{site}{path} ")
    assert caught.value.__context__ is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://127.0.0.1/x.csv", "only fetched by https"),
        ("ftp://127.0.0.1/x.csv", "cannot be read: write it as https"),
        ("https:///x.csv", "cannot be read: write it as https"),
        ("https://a\n.b/x", "cannot be read: write it as https"),
        ("https://ann@127.0.0.1/x", "holds a user or password"),
        ("https://127.0.0.1:1/x", "refuses the connection"),
        ("https://nowhere.invalid/x", "names a host that is not found"),
        (f"https://{'a' * 80}.org/x", "name of the host cannot be read"),
    ],
)
def test_addresses_that_cannot_be_fetched(tmp_path: Path, url: str, told: str) -> None:
    """One sentence that says what to do."""
    with pytest.raises(InputError, match=told):
        web.fetch(url, tmp_path)


def test_a_certificate_must_be_trusted(
    site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no way around it."""
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(InputError, match="certificate that cannot be verified"):
        web.fetch(f"{site}/sales.csv", tmp_path)


def test_a_silent_server_is_not_waited_for(tmp_path: Path) -> None:
    """It took the connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(InputError, match="does not answer in time"):
            web.fetch(f"https://127.0.0.1:{port}/", tmp_path, timeout_seconds=0.2)

"""A file behind an `https://` address, saved whole or not at all."""

from __future__ import annotations

import http
import http.client
import queue
import re
import socket
import ssl
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from analyst.data.fetching.fetched import Fetched, begun_file, kept, megabytes
from analyst.data.fetching.web_address import WebAddress, is_address
from analyst.data.inside.code.literals import quoted as literal
from analyst.errors import InputError
from analyst.quoting import quoted

__all__ = ["MAX_BYTES", "fetch", "is_address"]

MAX_BYTES = 500 << 20
_CHUNK_BYTES = 1 << 20
_SUFFIX = re.compile(r"(?:\.[A-Za-z][A-Za-z0-9]{0,9}){1,2}$")
_SUFFIX_OF_TYPE = {
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "text/html": ".html",
    "text/plain": ".txt",
    "application/json": ".json",
    "application/geo+json": ".geojson",
    "application/vnd.apache.parquet": ".parquet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.ms-excel": ".xls",
    "application/zip": ".zip",
    "application/gzip": ".gz",
}
_STRAYS = "redirects without end or to where https does not lead: check the address"
_TOO_SLOW = "takes too long: download the file yourself and name it"
_WHY_NOT = {
    401: "wants you to log in: download the file yourself and name it",
    403: "does not let everybody have it: download the file yourself and name it",
    404: "has nothing there: check the address",
    407: "is behind a proxy that wants you to log in: download the file yourself",
    410: "has nothing there any more: look for its new address",
    429: "is asked too often: wait and try again",
}


def fetch(
    url: str,
    folder: Path,
    *,
    max_bytes: int = MAX_BYTES,
    timeout_seconds: float = 30,
    max_seconds: float = 900,
) -> Fetched:
    """Save what an address answers to `<folder>/<its name>-<hash><its suffix>`.

    The proxies that the environment names are used. No cookie, login or key is sent.

    Args:
        url: `https://…`.
        folder: where the file goes.
        max_bytes: more is not fetched, whatever the server announces.
        timeout_seconds: how long the server may be silent.
        max_seconds: how long the whole may take.

    Raises:
        InputError: the address is none of https or holds a password, the server does
            not give the file, it is empty or too large, or it cannot be written.

    Example:
        >>> fetch("https://example.org/sales.csv", folder).path.name  # doctest: +SKIP
        'sales-1c0f2d9a.csv'
    """
    address = WebAddress.of(url)
    limits = _Limits(max_bytes, timeout_seconds, time.monotonic() + max_seconds)
    with begun_file(folder) as temporary:
        outcome = _attempt(address, temporary, limits)
        if isinstance(outcome, InputError):
            # Raised here, where it does not remember an error that holds the address.
            raise outcome
        name, suffix = _name_and_suffix(address, outcome.type)
        notes = _notes(outcome.head, suffix)
        path, is_new = kept(temporary, folder, name, suffix)
    return Fetched(
        path=path,
        name=name,
        is_new=is_new,
        origin=address.shown,
        refresh=_refresh(address),
        notes=notes,
    )


@dataclass(frozen=True, slots=True)
class _Limits:
    max_bytes: int
    timeout_seconds: float
    ends_at: float
    """Of `time.monotonic`."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What is known of an answer whose body was saved."""

    type: str
    head: bytes


class _Refused(Exception):  # noqa: N818 - told as the end of a sentence
    """Why an answer is not taken, beginning with a verb; nothing secret in it."""


class _OnlyHttps(urllib.request.HTTPRedirectHandler):
    """Redirects are followed to https alone."""

    def redirect_request(  # noqa: PLR0917 - the signature of urllib
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        parts = urllib.parse.urlsplit(newurl)
        if parts.scheme != "https" or "@" in parts.netloc:
            fp.close()
            raise _Refused(_STRAYS)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _attempt(
    address: WebAddress, target: Path, limits: _Limits
) -> _Answer | InputError:
    """Save the body of the answer to a file; or the sentence that says why not."""
    try:
        return _save(address, target, limits)
    except urllib.error.HTTPError as error:
        error.close()
        why = _WHY_NOT.get(error.code) or _of_status(error.code)
    except _Refused as refusal:
        why = str(refusal)
    except (urllib.error.URLError, http.client.HTTPException, ValueError) as error:
        why = _of_fault(error)
    return InputError(f"{address.shown} {why}.")


def _save(address: WebAddress, target: Path, limits: _Limits) -> _Answer:
    request = urllib.request.Request(  # noqa: S310 - its scheme is https
        address.whole,
        headers={"User-Agent": "analyst", "Accept-Encoding": "identity"},
    )
    with _opened(request, limits) as response:
        head = _save_body(response, target, limits)
        # Where the server does not say, the header would say that it is text.
        is_typed = "Content-Type" in response.headers
        return _Answer(response.headers.get_content_type() if is_typed else "", head)


def _opened(request: urllib.request.Request, limits: _Limits) -> Any:  # noqa: ANN401 - urllib publishes no type
    """The answer, its body still to come.

    In a thread, as a server that sends one character of a header now and then is never
    silent for long.
    """
    outcomes: queue.Queue[Any] = queue.Queue()
    is_late = threading.Event()
    opener = urllib.request.build_opener(_OnlyHttps)

    def open_it() -> None:
        try:
            answer = opener.open(request, timeout=limits.timeout_seconds)
            outcomes.put(answer)
            if is_late.is_set():
                answer.close()
        except Exception as error:  # noqa: BLE001 - it is raised where it is awaited
            outcomes.put(error)

    threading.Thread(target=open_it, daemon=True).start()
    try:
        outcome = outcomes.get(timeout=max(0.0, limits.ends_at - time.monotonic()))
    except queue.Empty:
        is_late.set()
        raise _Refused(_TOO_SLOW) from None
    if isinstance(outcome, OSError) and not isinstance(outcome, urllib.error.URLError):
        raise urllib.error.URLError(outcome)
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _save_body(response: Any, target: Path, limits: _Limits) -> bytes:  # noqa: ANN401 - urllib publishes no type
    """Save the body; its first bytes are returned."""
    size, head = 0, b""
    with target.open("wb") as file:
        # One read of the network at a time, so that a trickle meets the limit too.
        while piece := _next_piece(response):
            size += len(piece)
            head = head or piece[:512]
            if size > limits.max_bytes:
                raise _Refused(
                    f"holds more than {megabytes(limits.max_bytes)}: download what you "
                    "need of it and name that file"
                )
            if time.monotonic() > limits.ends_at:
                raise _Refused(_TOO_SLOW)
            file.write(piece)
    if response.length:
        raise _Refused("ended before the file was complete: try again")
    if not size:
        raise _Refused("answers with an empty file: check the address")
    return head


def _next_piece(response: Any) -> bytes:  # noqa: ANN401 - as above
    try:
        return bytes(response.read1(_CHUNK_BYTES))
    except OSError as error:
        # Not to be taken for a fault of the file that is written.
        raise urllib.error.URLError(error) from None


def _of_status(code: int) -> str:
    if code >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        return f"fails at its server (status {code}): try again later"
    if code < http.HTTPStatus.BAD_REQUEST:
        return _STRAYS
    return f"is refused by its server (status {code}): check the address"


def _of_fault(error: Exception) -> str:
    """What is wrong with the connection; the words of libraries may hold too much."""
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return (
            "shows a certificate that cannot be verified "
            f"({quoted(cause.verify_message, 80)}): check the address, or set "
            "SSL_CERT_FILE to the certificates that you trust"
        )
    if isinstance(cause, socket.gaierror):
        return "names a host that is not found: check the address and the network"
    if isinstance(cause, TimeoutError):
        return "does not answer in time: try again later"
    if isinstance(cause, ConnectionRefusedError):
        return "refuses the connection: check the address"
    return (
        f"cannot be fetched ({type(cause).__name__}): check the address and try again"
    )


def _name_and_suffix(address: WebAddress, media_type: str) -> tuple[str, str]:
    """The stem and the suffix of the last part of the path that has a name."""
    last = PurePosixPath(urllib.parse.unquote(address.path)).name.lstrip(".")
    found = _SUFFIX.search(last)
    if found and found.start():
        return last[: found.start()], found[0].lower()
    return last or address.host, _SUFFIX_OF_TYPE.get(media_type, "")


def _notes(head: bytes, suffix: str) -> tuple[str, ...]:
    is_page = head.lstrip().lower().startswith((b"<!doctype html", b"<html"))
    if not is_page or suffix in {"", ".html", ".htm", ".xhtml"}:
        return ()
    note = (
        f"The address ends in {suffix}, but a web page came: it may be one about the "
        "file, or one to log in; look for the address of the file itself."
    )
    return (note,)


def _refresh(address: WebAddress) -> str:
    lines = ["To fetch again:"]
    shown = address.shown
    if address.has_query:
        lines[0] = "To fetch again, with what follows the ? in your address:"
        shown += "?…"
    lines += [
        "import urllib.request",
        f"urllib.request.urlretrieve({literal(shown)}, DATA)",
    ]
    return "".join(f"# {line}\n" for line in lines)

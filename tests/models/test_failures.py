"""What went wrong, in one sentence each, over real HTTP with the real client."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import ssl
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from analyst.errors import (
    ContextTooLong,
    ModelError,
    ModelRefused,
    ModelUnavailable,
    SettingsError,
)
from analyst.models.served import ServedModel
from analyst.models.server.endpoint import Endpoint
from analyst.testing import ScriptedServer, Status

from .asking import KEY, ask, assert_is_a_sentence, error, failure, served, sse

QUICK = {"retry-after-ms": "1"}
REFUSED = [
    pytest.param(
        401,
        error(f"Incorrect API key provided: {KEY}."),
        "refused the API key",
        id="key",
    ),
    pytest.param(
        401,
        error("Incorrect API key provided: sk-ver****cdef"),
        "refused the API key",
        id="masked key",
    ),
    pytest.param(
        403, error("not for you"), "does not let this key use scripted", id="forbidden"
    ),
    pytest.param(
        400, error("stopped", "content_filter"), "content rules", id="content"
    ),
    pytest.param(
        400,
        error("no such thing"),
        'status 400 (it says: "no such thing")',
        id="bad request",
    ),
    pytest.param(
        400,
        error("scripted is not a valid model ID"),
        "has no model scripted",
        id="model 400",
    ),
    pytest.param(
        404,
        error("model 'scripted' not found, try pulling it first"),
        "ollama pull scripted",
        id="ollama",
    ),
    pytest.param(
        422, {"detail": [{"loc": ["body"], "msg": "no"}]}, "status 422", id="schema"
    ),
    pytest.param(
        429, error("quota", "insufficient_quota"), "out of credit", id="credit"
    ),
]
TOO_LONG = [
    (400, error("bad", "context_length_exceeded")),
    (400, error("This model's maximum context length is 8192 tokens.")),
    (400, {"message": "This model's maximum context length is 9", "code": 400}),
    (400, error("the request exceeds the available context size (4096 tokens)")),
    (400, error("prompt is too long: 210000 tokens > 200000 maximum")),
    (400, error("Input tokens exceed the configured limit of 272000 tokens.")),
    (429, error("Request too large for scripted on tokens per min (TPM)")),
    (500, error("the context the overflows: context length of only 4096")),
    (413, "<html>too large</html>"),
]
UNAVAILABLE = [
    pytest.param(429, error("slow down"), "takes no more requests for now", id="rate"),
    pytest.param(
        500, error(f"Authorization: Bearer {KEY}"), "fails with status 500", id="500"
    ),
    pytest.param(503, error("Loading model"), "is still loading", id="loading"),
    pytest.param(
        503, "<!DOCTYPE html><html>" + "x" * 999, "fails with status 503", id="503"
    ),
]


@pytest.mark.parametrize(
    ("kind", "code", "body", "sentence"),
    [
        pytest.param(kind, *param.values, id=param.id)
        for kind, params in ((ModelRefused, REFUSED), (ModelUnavailable, UNAVAILABLE))
        for param in params
    ],
)
async def test_each_status_has_its_sentence(
    kind: type[ModelError], code: int, body: dict[str, Any] | str, sentence: str
) -> None:
    """Law: each refusal is one line that names the host and what to do, and no key."""
    raw = body.encode() if isinstance(body, str) else body
    told = await failure(Status(code=code, body=raw, headers=QUICK))
    assert type(told) is kind
    assert sentence in str(told)
    assert_is_a_sentence(told)


@pytest.mark.parametrize(("code", "body"), TOO_LONG)
async def test_a_conversation_that_is_too_long_is_told_apart(
    code: int, body: dict[str, Any] | str
) -> None:
    """Law: each way of saying so is `ContextTooLong`, whatever its status."""
    raw = body.encode() if isinstance(body, str) else body
    told = await failure(Status(code=code, body=raw, headers=QUICK))
    assert type(told) is ContextTooLong
    assert "too long for scripted" in str(told)
    assert_is_a_sentence(told)


STRANGE = [
    pytest.param(b"<html><body>Welcome</body></html>", id="a page"),
    pytest.param(b'{"choices": null}', id="no choices"),
    pytest.param(b'"words"', id="a text"),
    pytest.param(b'{"choices": [{"mess', id="half a reply"),
    pytest.param(b"[1, 2]", id="a list"),
    pytest.param(b"", id="nothing"),
    pytest.param(b"data: [1, 2]\n\n", id="a stream of lists"),
    pytest.param(b"data: words\n\n", id="a stream of words"),
    pytest.param(b'data: {"type": "message_start"}\n\n', id="another protocol"),
]


@pytest.mark.parametrize("body", STRANGE)
async def test_what_is_no_api_is_said_to_be_none(body: bytes) -> None:
    """Law: whatever else answers with success is never taken for an empty reply."""
    told = await failure(body)
    assert type(told) is ModelUnavailable
    assert "did not answer like an OpenAI-compatible API" in str(told)
    assert_is_a_sentence(told)


@pytest.mark.parametrize(
    ("said", "kind", "sentence"),
    [
        (error("no"), ModelUnavailable, 'answered with an error (it says: "no")'),
        ({"error": "no"}, ModelUnavailable, 'answered with an error (it says: "no")'),
        (error("slow down", 429), ModelUnavailable, "takes no more requests"),
        (error("out", "insufficient_quota"), ModelRefused, "out of credit"),
        (error("x", "context_length_exceeded"), ContextTooLong, "too long"),
        (error("Provider returned error", 502), ModelUnavailable, "status 502"),
    ],
)
async def test_an_error_with_a_good_status_is_told(
    said: dict[str, Any], kind: type[ModelError], sentence: str
) -> None:
    """Law: an error in the place of a reply is an error, whole or in a stream."""
    for answer in (json.dumps(said).encode(), sse(said)):
        told = await failure(answer)
        assert type(told) is kind
        assert sentence in str(told)
        assert_is_a_sentence(told)


async def test_an_error_within_a_stream_is_told() -> None:
    """Law: what a server reports in the middle of a reply is told, without keys."""
    begun = {"choices": [{"index": 0, "delta": {"content": "so"}}]}
    told = await failure(sse(begun, error(f"overloaded, {KEY}")))
    assert type(told) is ModelUnavailable
    assert "overloaded" in str(told)
    assert_is_a_sentence(told)


async def test_no_answer_in_time_is_told() -> None:
    """Law: a server that says nothing at all is given up, with the setting named."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        async with served(f"http://127.0.0.1:{port}/v1", seconds=0.1) as model:
            with pytest.raises(
                ModelUnavailable, match=r"within 0\.1 s: raise"
            ) as caught:
                await ask(model)
    assert_is_a_sentence(caught.value)


async def test_nothing_listens() -> None:
    """Law: an unreachable server is said to be so, with its URL, within seconds."""
    with ScriptedServer() as server:
        base_url = server.base_url
    began = time.monotonic()
    async with served(base_url) as model:
        with pytest.raises(ModelUnavailable, match=f"Nothing listens at {base_url}"):
            await ask(model)
    assert time.monotonic() - began < 10


async def test_no_such_host() -> None:
    """Law: a misspelt host is said to be one, without what stands before its @."""
    async with served("http://me:word@no-such-host.invalid/v1") as model:
        with pytest.raises(ModelUnavailable, match="no host no-such-host") as caught:
            await ask(model)
    assert "word" not in str(caught.value)


async def test_tls_where_there_is_none() -> None:
    """Law: https to a server of plain HTTP is answered with http."""
    with ScriptedServer() as server:
        async with served(server.base_url.replace("http:", "https:")) as model:
            with pytest.raises(ModelUnavailable, match="does not speak TLS"):
                await ask(model)


def certified(folder: Path) -> ssl.SSLContext:
    """TLS with a certificate that nobody vouches for."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"),
            *("-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=127.0.0.1"),
            *("-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


@pytest.mark.skipif(not shutil.which("openssl"), reason="there is no openssl")
async def test_a_certificate_that_is_not_trusted(tmp_path: Path) -> None:
    """Law: TLS that cannot be trusted is told with the variable that mends it."""

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(
        hang_up, "127.0.0.1", 0, ssl=certified(tmp_path)
    )
    async with server:
        port = server.sockets[0].getsockname()[1]
        async with served(f"https://127.0.0.1:{port}/v1") as model:
            with pytest.raises(ModelUnavailable, match="SSL_CERT_FILE") as caught:
                await ask(model)
    assert_is_a_sentence(caught.value)


async def test_a_wrong_path_hints_at_v1() -> None:
    """Law: a URL without its /v1 is answered with the URL that has it."""
    with ScriptedServer() as server:
        async with served(server.base_url.removesuffix("/v1")) as model:
            with pytest.raises(ModelRefused, match=f"no chat API.*{server.base_url}"):
                await ask(model)


async def test_a_missing_key_is_not_a_wrong_key() -> None:
    """Law: where no key was given the sentence says which setting gives one."""
    with ScriptedServer(key=KEY) as server:
        async with served(server.base_url, key="") as model:
            with pytest.raises(ModelRefused, match="ANALYST_API_KEY") as caught:
                await ask(model)
    assert_is_a_sentence(caught.value)


@pytest.mark.parametrize("key", ["x", "secret7", "no-prefix-but-long-enough"])
async def test_keys_of_any_kind_are_never_said(key: str) -> None:
    """Law: the key that is in use is in no sentence, whatever it looks like."""
    said = error(f"The key {key} is wrong, key={key}, '{key}'")
    told = await failure(Status(code=401, body=said), key=key)
    assert "***" in str(told)
    assert f" {key}" not in str(told)
    assert f"={key}" not in str(told)


def test_a_key_at_the_cut_of_a_long_text_is_not_said() -> None:
    """Law: a text is cut after its secrets are gone, not through them."""
    endpoint = Endpoint(
        model="m", base_url="http://h/v1", api_key="verysecret0123", timeout_seconds=1
    )
    for before in range(250):
        said = endpoint.quote("y" * before + " verysecret0123 and more" * 9)
        assert "ver" not in said
        assert len(said) < 230


@pytest.mark.parametrize(
    "url",
    ["", "localhost:11434/v1", "ftp://host/v1", "http://", "http://h:99999999/v1"],
)
def test_a_url_that_is_none_is_refused_at_once(url: str) -> None:
    """Law: what cannot be a URL is said so before anything is sent."""
    with pytest.raises(SettingsError, match="base URL must be one such as"):
        ServedModel(model="m", base_url=url, api_key="", timeout_seconds=1)


@pytest.mark.parametrize("key", ["sk-clé", "two words", "two\nlines"])
def test_a_key_that_is_none_is_refused_at_once(key: str) -> None:
    """Law: what cannot be a key is said so, without saying it."""
    with pytest.raises(SettingsError, match="copy it again") as caught:
        ServedModel(model="m", base_url="http://h/v1", api_key=key, timeout_seconds=1)
    assert key not in str(caught.value)

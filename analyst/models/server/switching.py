"""What is done otherwise when a server says no, and which wire comes first.

Every change leaves out something that the server complained about, so a request can be
changed only so many times: a parameter goes once, and a wire that failed is not tried
again in the same conversation. Text is the last of them: it works everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from analyst.events import Wire
from analyst.models.server.complaints import Complaint
from analyst.models.server.endpoint import Endpoint
from analyst.models.server.quirks import Quirks

__all__ = ["Change", "Refusal", "change_after", "to_text", "usual_wire"]

_VERSION = re.compile(r"\bgpt-([12]?\d)(?:\.(\d+))?(?!\d)", re.IGNORECASE)
_O_SERIES = re.compile(r"^o\d", re.IGNORECASE)
_FIRST_REASONING_GPT = (5, 4)
_LIMITS = ("max_completion_tokens", "max_output_tokens", "max_tokens")
_OPTIONAL = ("stream_options", "stream", "include", "store", *_LIMITS)
"""What a request can go without, longer names before the words that they hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A server said no."""

    complaint: Complaint
    endpoint: Endpoint
    wire: Wire
    """Over which it was asked."""
    body: Mapping[str, Any]
    """What it was sent."""
    quirks: Quirks
    wires: Collection[Wire]
    """Those that may be tried: they have not failed in this conversation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is done otherwise from now on."""

    quirks: Quirks
    note: str
    """One sentence for the user."""
    lasts: bool = True
    """It is about the server, rather than about what was asked of it today."""


def usual_wire(endpoint: Endpoint) -> Wire:
    """The wire for a model of which nothing is known yet.

    The reasoning models of OpenAI take tools over the Responses API only.
    """
    if not (endpoint.is_openai or endpoint.is_azure):
        return "chat"
    version = _VERSION.search(endpoint.model)
    if version and (int(version[1]), int(version[2] or 0)) >= _FIRST_REASONING_GPT:
        return "responses"
    return "responses" if _O_SERIES.match(endpoint.model) else "chat"


def change_after(refusal: Refusal) -> Change | None:
    """What the server asks to be done otherwise; None where nothing can be."""
    if refusal.complaint.is_about_credit:
        return None
    unlimited = _without_a_limit(refusal)
    if unlimited or refusal.complaint.is_about_length:
        return unlimited
    return (
        _another_api(refusal)
        or _without_images(refusal)
        or _with_reasoning(refusal)
        or _with_bridges(refusal)
        or _without_a_parameter(refusal)
        or _without_tools(refusal)
    )


def to_text(
    quirks: Quirks, endpoint: Endpoint, *, why: str, told: str, lasts: bool
) -> Change:
    """Go on without tools.

    Args:
        quirks: what is known so far.
        endpoint: the model and its server.
        why: the reason, as it is remembered.
        told: the reason, as what the model does.
        lasts: the server said so; what a model did once says little of the next time.
    """
    return Change(
        quirks=replace(quirks, wire="text", why=why),
        note=f"{endpoint.model} {told} at {endpoint.host}: it asks in fenced blocks "
        "from now on.",
        lasts=lasts,
    )


def _another_api(it: Refusal) -> Change | None:
    host, model = it.endpoint.host, it.endpoint.model
    if it.wire == "chat" and it.complaint.wants_responses and "responses" in it.wires:
        why = "the server asked for the Responses API"
        return Change(
            quirks=replace(it.quirks, wire="responses", why=why),
            note=f"{host} wants {model} to be asked over its Responses API: so it is "
            "from now on.",
        )
    if it.wire == "responses" and it.complaint.lacks_the_route and "chat" in it.wires:
        why = "the server has no Responses API"
        return Change(
            quirks=replace(it.quirks, wire="chat", why=why),
            note=f"{host} has no Responses API: asked over chat completions from now "
            "on.",
        )
    return None


def _without_images(it: Refusal) -> Change | None:
    if not (_has_images(it.body) and it.complaint.refuses_images):
        return None
    return Change(
        quirks=replace(it.quirks, images=False),
        note=f"{it.endpoint.model} takes no images at {it.endpoint.host}: sent "
        "without them from now on.",
    )


def _with_reasoning(it: Refusal) -> Change | None:
    if it.wire != "chat" or it.quirks.reasoning or not it.complaint.wants_reasoning:
        return None
    return Change(
        quirks=replace(it.quirks, reasoning=True),
        note=f"{it.endpoint.host} wants to see the model's thinking again: sent along "
        "from now on.",
    )


def _with_bridges(it: Refusal) -> Change | None:
    if not (_has_a_gap(it.body) and it.complaint.wants_a_bridge):
        return None
    return Change(
        quirks=replace(it.quirks, bridges=True),
        note=f"{it.endpoint.host} wants a turn of the model after each result: one is "
        "put in from now on.",
    )


def _without_a_limit(it: Refusal) -> Change | None:
    """The name of the limit is known there, so only its size is wrong."""
    if not (any(name in it.body for name in _LIMITS) and it.complaint.is_about_a_limit):
        return None
    return Change(
        quirks=replace(it.quirks, limits=False),
        note=f"{it.endpoint.host} finds the limit of a reply too large: sent without "
        "one in this session.",
        lasts=False,
    )


def _without_a_parameter(it: Refusal) -> Change | None:
    for name in _OPTIONAL:
        if name in it.body and it.complaint.refuses(name):
            return Change(
                quirks=replace(it.quirks, refused=(*it.quirks.refused, name)),
                note=f"{it.endpoint.host} wants no {name}: sent without it from now "
                "on.",
            )
    return None


def _without_tools(it: Refusal) -> Change | None:
    if "tools" not in it.body or "text" not in it.wires:
        return None
    # A server may ask for tools over an API that it does not have.
    lacks_it = it.wire == "responses" and it.complaint.lacks_the_route
    if not (it.complaint.refuses_tools or lacks_it):
        return None
    return to_text(
        it.quirks,
        it.endpoint,
        why="the server refused tools",
        told="takes no tools",
        lasts=True,
    )


def _has_images(body: Mapping[str, Any]) -> bool:
    """Whether any message shows something."""
    messages = body.get("messages", body.get("input", ()))
    parts = (message.get("content") for message in messages)
    return any(
        "image" in str(part.get("type"))
        for content in parts
        if isinstance(content, list)
        for part in content
    )


def _has_a_gap(body: Mapping[str, Any]) -> bool:
    """Whether the user follows on the result of a tool."""
    messages = body.get("messages", body.get("input", ()))
    kinds = [message.get("role") or message.get("type") for message in messages]
    return any(
        before in {"tool", "function_call_output"} and after == "user"
        for before, after in pairwise(kinds)
    )

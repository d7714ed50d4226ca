"""What the model reads of a cell's output: head and tail, saying what was cut."""

from __future__ import annotations

from collections.abc import Iterable

from analyst.events import CellError, Output, Rich, Stream

__all__ = ["clip", "digest"]


def digest(outputs: Iterable[Output], *, max_bytes: int) -> str:
    """The outputs of a successful cell as text for the model."""
    parts = []
    for output in outputs:
        match output:
            case Stream(name="stderr"):
                parts.append(f"[stderr] {output.text.strip()}")
            case Stream():
                parts.append(output.text.rstrip())
            case Rich():
                parts.append(_shown(output))
            case CellError():
                parts.append(f"{output.name}: {output.message}")
    text = "\n".join(part for part in parts if part)
    return clip(text, max_bytes) if text else "[ran, nothing to show]"


def _shown(output: Rich) -> str:
    if "image/png" in output.data:
        return "[figure shown to the user]"
    return output.data.get("text/markdown") or output.data.get("text/plain", "")


def clip(text: str, max_bytes: int) -> str:
    """Text of at most `max_bytes` in UTF-8, with its middle left out where longer."""
    raw = text.encode()
    if len(raw) <= max_bytes:
        return text
    note = f"\n[... {len(raw):,} bytes in all, the middle is cut ...]\n"
    room = max(max_bytes - len(note.encode()), 2)
    head, tail = raw[: room * 2 // 3], raw[len(raw) - room // 3 :]
    return head.decode(errors="ignore") + note + tail.decode(errors="ignore")

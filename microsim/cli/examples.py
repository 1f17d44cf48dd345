"""Worked examples under a command's help."""

from __future__ import annotations


def examples(*lines: str) -> str:
    """An epilog that shows `lines` as they would be typed."""
    heading = "Example:" if len(lines) == 1 else "Examples:"
    return "\n".join(("\b", heading, *(f"  {line}" for line in lines)))

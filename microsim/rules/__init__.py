"""The law: scalar functions on a person-month, and the same law on a table of people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from microsim.rules.table import community_engagement

__all__ = ["community_engagement"]


def __getattr__(name: str) -> Any:
    # The table needs pandas, which kernels that import a rule do not.
    if name == "community_engagement":
        from microsim.rules.table import community_engagement

        return community_engagement
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

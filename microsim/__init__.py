"""microsim: Medicaid cover, substance use treatment and overdose in the United States, person by person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from microsim import rules
    from microsim.engine.results import Result, load_result
    from microsim.experiments.compare import run
    from microsim.ground.parameters import load_parameters
    from microsim.ground.policies import load_policy
    from synthetic_pop.files import load as load_population

__all__ = ["Result", "load_parameters", "load_policy", "load_population", "load_result", "rules", "run"]

_WHERE = {
    "Result": ("microsim.engine.results", "Result"),
    "load_parameters": ("microsim.ground.parameters", "load_parameters"),
    "load_policy": ("microsim.ground.policies", "load_policy"),
    "load_population": ("synthetic_pop.files", "load"),
    "load_result": ("microsim.engine.results", "load_result"),
    "run": ("microsim.experiments.compare", "run"),
}


_SHOWN = ("Result", "load_result", "run")
"""Names that lead to results, which then draw themselves with the report."""


class _View:
    """Draws results with the report, imported when something is drawn."""

    def __getattr__(self, name: str) -> Any:
        import importlib

        return getattr(importlib.import_module("microsim.report.notebook"), name)


def __getattr__(name: str) -> Any:
    import importlib

    if name == "rules":
        return importlib.import_module("microsim.rules")
    if name in _WHERE:
        module, attribute = _WHERE[name]
        found = getattr(importlib.import_module(module), attribute)
        if name in _SHOWN:
            importlib.import_module("microsim.engine.results").Result.view = _View()
        return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)

"""Calibrated values put into the parameter files: value and status change, all else stays as written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from microsim.experiments.history.space import Space
from microsim.ground.errors import InputError, Problems
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.parameters.yaml_source import parse_yaml

POSTERIOR = "posterior.yaml"
FIGURES = 4


def write_posterior(
    p: Parameters, space: Space, values: Mapping[str, float], about: Mapping[str, Any], root: Path
) -> list[str]:
    """Write values as parameters with status `calibrated`, and the joint posterior beside the targets.

    Tables are multiplied by their factor, and their factor interval is divided by it, so that the evidence
    interval stays where it is. Returns the files written. Raises InputError for a value outside its interval.
    """
    for axis in space.axes:
        if not axis.low <= values[axis.id] <= axis.high:
            expected = f"a value within its evidence, {axis.low} to {axis.high}"
            raise InputError(None, axis.id, values[axis.id], expected)
    written = []
    for axis in space.axes:
        value, record = values[axis.id], p.record(axis.id)
        assert record.file is not None
        path = root / Path(*Path(record.file).parts[1:])
        path.write_text(
            edited(path.read_text(encoding="utf-8"), axis.id, value, axis.is_factor), encoding="utf-8"
        )
        written.append(str(path))
    target = root / "targets" / POSTERIOR
    target.write_text(yaml.safe_dump(dict(about), sort_keys=False, width=110), encoding="utf-8")
    load_parameters(root)
    return [*written, str(target)]


def write_value(p: Parameters, id_: str, value: float, root: Path) -> str:
    """Write one number as a calibrated parameter and return its file."""
    path = root / Path(*Path(str(p.record(id_).file)).parts[1:])
    path.write_text(edited(path.read_text(encoding="utf-8"), id_, value, False), encoding="utf-8")
    return str(path)


def edited(text: str, id_: str, value: float, is_factor: bool) -> str:
    """The text of a parameter file with another value, or table times a factor, of one record."""
    match = re.search(rf"(?ms)^{re.escape(id_)}:\n(.*?)(?=^\S|\Z)", text)
    if match is None:
        raise InputError(None, id_, "absent", "a record in its file")
    block = match.group(1)
    problems = Problems()
    # The reader of parameter files: plain YAML takes 19_25 for a number.
    record = parse_yaml(f"x:\n{block}", id_, problems)["x"]
    problems.finish()
    changes: dict[str, Any] = {"status": "calibrated"}
    if is_factor:
        changes["value"] = _times(record["value"], value)
        changes["interval_factor"] = [_rounded(one / value) for one in record["interval_factor"]]
    else:
        changes["value"] = _rounded(value)
    for key, new in changes.items():
        shown = yaml.safe_dump(new, default_flow_style=True, width=10_000, sort_keys=False).splitlines()[0]
        block = re.sub(rf"(?m)^  {key}:[^\n]*(?:\n {{3,}}[^\n]*)*", f"  {key}: {shown}", block, count=1)
    return text[: match.start(1)] + block + text[match.end(1) :]


def _times(node: Any, factor: float) -> Any:
    if isinstance(node, dict):
        return {key: _times(one, factor) for key, one in node.items()}
    return _rounded(node * factor)


def _rounded(value: float) -> float:
    return float(f"{value:.{FIGURES}g}")

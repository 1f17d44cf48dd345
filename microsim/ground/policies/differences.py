"""What differs between two trees: which parameter, when, where, from what to what, under which law."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

import numpy as np

from microsim.ground.calendar import LATEST_MONTH, month_name
from microsim.ground.parameters.record import ALWAYS, Record, spread
from microsim.ground.parameters.tree import Parameters
from microsim.ground.parameters.values import Array, Kind
from microsim.ground.policies.applying import Effect
from microsim.ground.policies.cells import Mask
from microsim.ground.policies.model import Provision
from microsim.ground.schema import DIMENSIONS

_MOST_GROUPS = 6
"""More different changes than this within one parameter and period are shown as one range."""


@dataclasses.dataclass(frozen=True, slots=True)
class Difference:
    """One change of one parameter over some months and classes."""

    parameter: str
    label: str
    unit: str
    first: int
    last: int
    classes: tuple[str, ...]
    cells: int
    before: str
    after: str
    provisions: tuple[Provision, ...]

    @property
    def when(self) -> str:
        """The months, in words."""
        starts = "" if self.first <= ALWAYS else f"from {month_name(self.first)}"
        ends = "" if self.last >= LATEST_MONTH else f"to {month_name(self.last)}"
        return " ".join(part for part in (starts, ends) if part) or "always"

    @property
    def where(self) -> str:
        """The classes, in words."""
        return "; ".join(self.classes) or "everywhere"


def differences(
    before: Parameters, after: Parameters, effects: Iterable[Effect] = ()
) -> tuple[Difference, ...]:
    """All differences of values, in order of id and date; `effects` tell the provisions."""
    under: dict[str, dict[str, Provision]] = {}
    for effect in effects:
        under.setdefault(effect.patch.parameter, {})[effect.provision.id] = effect.provision
    found: list[Difference] = []
    for id_ in before.ids():
        old, new = before.record(id_), after.record(id_)
        if old is new or old.identity() == new.identity():
            continue
        found.extend(_of_record(old.stepwise(), new.stepwise(), tuple(under.get(id_, {}).values())))
    return tuple(found)


def _of_record(old: Record, new: Record, provisions: tuple[Provision, ...]) -> list[Difference]:
    dims = tuple(dict.fromkeys((*new.by, *old.by)))
    starts = sorted({ALWAYS, *old.months[1:], *new.months[1:]})
    was = spread(old.over(starts), old.by, dims, leading=1)
    now = spread(new.over(starts), new.by, dims, leading=1)
    found: list[Difference] = []
    i = 0
    while i < len(starts):
        j = i + 1
        while j < len(starts) and np.array_equal(was[j], was[i]) and np.array_equal(now[j], now[i]):
            j += 1
        last = starts[j] - 1 if j < len(starts) else LATEST_MONTH
        for mask, text_before, text_after in _groups(was[i], now[i], new.kind):
            cells = _classes(mask, dims)
            found.append(
                Difference(new.id, new.label, new.unit, starts[i], last, cells, int(mask.sum()),
                           text_before, text_after, provisions)
            )  # fmt: skip
        i = j
    return found


def _groups(was: Array, now: Array, kind: Kind) -> list[tuple[Mask, str, str]]:
    changed = was != now
    if not changed.any():
        return []
    pairs = sorted(set(zip(was[changed].tolist(), now[changed].tolist(), strict=True)))
    if len(pairs) > _MOST_GROUPS:
        return [(changed, _range(was[changed], kind), _range(now[changed], kind))]
    return [
        (np.asarray((was == a) & (now == b)), written(kind.decode(a)), written(kind.decode(b)))
        for a, b in pairs
    ]


def written(value: float | bool | str | int) -> str:
    """A value as people write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    return str(value)


def _range(values: Array, kind: Kind) -> str:
    return f"{written(kind.decode(float(values.min())))} to {written(kind.decode(float(values.max())))}"


def _classes(mask: Mask, dims: Sequence[str]) -> tuple[str, ...]:
    """Names of the touched classes of each dimension that is not touched as a whole."""
    said = []
    for axis, dim in enumerate(dims):
        touched = np.atleast_1d(mask.any(axis=tuple(i for i in range(len(dims)) if i != axis)))
        names = [name for name, yes in zip(DIMENSIONS[dim], touched, strict=True) if yes]
        others = [name for name, yes in zip(DIMENSIONS[dim], touched, strict=True) if not yes]
        if not others:
            continue
        if len(others) < len(names) and len(others) <= _MOST_GROUPS:
            said.append(f"all but {', '.join(others)}")
        elif len(names) > 2 * _MOST_GROUPS:
            said.append(f"{len(names)} of {len(DIMENSIONS[dim])} {dim}s")
        else:
            said.append(", ".join(names))
    return tuple(said)

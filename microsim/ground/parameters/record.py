"""One parameter: a sentence, values by month and class, a unit, and where it comes from."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np

from microsim.ground.calendar import EARLIEST_MONTH, month_name
from microsim.ground.errors import InputError
from microsim.ground.parameters.values import Array, Kind
from microsim.ground.schema import DIMENSIONS
from microsim.ground.units import bounds_text, in_bounds

ALWAYS = EARLIEST_MONTH
"""Start of a value that holds in every month."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Record:
    """An immutable parameter.

    `steps` has shape (len(months), *classes of `by`), read-only float64; step i holds from
    `months[i]` until the next, the first also before its month. With `interpolate` values between
    two months lie on a straight line. Booleans, choices and dates are encoded (`Kind`).
    `expression` is the arithmetic of a computed value and `overridden` says that a policy or a
    setting took its place.
    """

    id: str
    label: str
    unit: str
    by: tuple[str, ...]
    months: tuple[int, ...]
    steps: Array
    status: str
    interpolate: bool = False
    choices: tuple[str | int, ...] = ()
    interval: tuple[float, float] | None = None
    interval_factor: tuple[float, float] | None = None
    distribution: str = "none"
    source: tuple[str, ...] = ()
    year: str | None = None
    place: str | None = None
    verified: str = "none"
    derivation: str | None = None
    note: str | None = None
    channel: str | None = None
    expression: str | None = None
    overridden: bool = False
    file: str | None = None
    line: int | None = None

    def __post_init__(self) -> None:
        # A private copy: nobody else may hold a writable view of the values.
        steps = np.array(self.steps, dtype=np.float64, order="C")
        steps.setflags(write=False)
        object.__setattr__(self, "steps", steps)

    @property
    def kind(self) -> Kind:
        return Kind(self.unit, self.choices)

    @property
    def dated(self) -> bool:
        """Whether the value differs between months."""
        return len(self.months) > 1

    def at(self, month: int) -> Array:
        """Values in a month, one axis for each dimension of `by`; encoded."""
        return np.asarray(self.over(np.array([month]))[0])

    def over(self, months: Any) -> Array:
        """Values in each of an array of months, shape (len(months), *classes); encoded."""
        wanted = np.asarray(months, dtype=np.int64)
        starts = np.asarray(self.months, dtype=np.int64)
        index = np.clip(np.searchsorted(starts, wanted, side="right") - 1, 0, None)
        if not self.interpolate or len(starts) == 1:
            return np.asarray(self.steps[index])
        following = np.clip(index + 1, None, len(starts) - 1)
        span = np.maximum(starts[following] - starts[index], 1)
        along = np.clip((wanted - starts[index]) / span, 0.0, 1.0)
        along = along.reshape(-1, *([1] * len(self.by)))
        return np.asarray(self.steps[index] * (1.0 - along) + self.steps[following] * along)

    def stepwise(self) -> Record:
        """The same values without interpolation: one step a month between first and last."""
        if not self.interpolate:
            return self
        months = range(self.months[0], self.months[-1] + 1)
        return dataclasses.replace(self, months=tuple(months), steps=self.over(months), interpolate=False)

    def with_dimensions(self, by: tuple[str, ...]) -> Record:
        """The same values spread over more classes; `by` holds every dimension of this record."""
        if by == self.by:
            return self
        steps = spread(self.steps, self.by, by, leading=1)
        return dataclasses.replace(self, by=by, steps=steps)

    def with_steps(self, months: Iterable[int], steps: Array, **changes: Any) -> Record:
        """New dated values, equal neighbours merged; raises `InputError` outside the unit's bounds."""
        months = tuple(months)
        steps = np.asarray(steps, dtype=np.float64)
        known = self.unit not in ("choice", "month")
        if known and not all(in_bounds(self.unit, float(x), self.id) for x in (steps.min(), steps.max())):
            worst = steps.max() if in_bounds(self.unit, float(steps.min()), self.id) else steps.min()
            expected = bounds_text(self.unit, float(worst), self.id)
            raise InputError(None, self.id, float(worst), expected)
        keep = [0] + [i for i in range(1, len(months)) if not np.array_equal(steps[i], steps[i - 1])]
        if self.interpolate and "interpolate" not in changes:
            keep = list(range(len(months)))
        return dataclasses.replace(self, months=tuple(months[i] for i in keep), steps=steps[keep], **changes)

    def readable(self) -> Any:
        """The value as it would be written: a scalar, or mappings by date and by class."""
        written = [_by_class(step, self.by, self.kind) for step in self.steps]
        if not self.dated:
            return written[0]
        return {month_name(month): value for month, value in zip(self.months, written, strict=True)}

    def identity(self) -> bytes:
        """Digest of all that decides results: values, classes, dates, uncertainty, channel."""
        facts = (
            self.id, self.unit, self.by, self.months, self.interpolate, self.choices, self.interval,
            self.interval_factor, self.distribution, self.channel, self.expression, self.overridden,
        )  # fmt: skip
        hashed = hashlib.sha256(repr(facts).encode())
        # Minus zero equals zero and must not change the digest.
        hashed.update((self.steps + 0.0).astype("<f8").tobytes())
        return hashed.digest()


def spread(values: Array, by: tuple[str, ...], dims: tuple[str, ...], leading: int = 0) -> Array:
    """Move and repeat axes so that they follow `dims`; the first `leading` axes stay in front."""
    axes = [*range(leading), *(leading + by.index(name) for name in dims if name in by)]
    moved = values.transpose(axes)
    shape = values.shape[:leading] + tuple(len(DIMENSIONS[name]) if name in by else 1 for name in dims)
    full = values.shape[:leading] + tuple(len(DIMENSIONS[name]) for name in dims)
    return np.array(np.broadcast_to(moved.reshape(shape), full), dtype=np.float64, order="C")


def _by_class(step: Array, by: tuple[str, ...], kind: Kind) -> Any:
    if not by:
        return kind.decode(float(step))
    return {name: _by_class(step[i], by[1:], kind) for i, name in enumerate(DIMENSIONS[by[0]])}

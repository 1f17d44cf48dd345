"""What a target is: a published number, the conditions it was made for, and the query that answers it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Role = Literal["calibrate", "validate"]
Text = Annotated[str, Field(min_length=1)]


class Conditions(BaseModel):
    """The run a target is compared with: both arms, months, places and people."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    policy: tuple[str, ...] = ()
    """Policies of the second arm, in order, laid on `against`; a name or a file of targets/policies."""
    against: tuple[str, ...] = ()
    """Policies of the first arm, laid on the baseline"""
    settings: tuple[str, ...] = Field(default=(), alias="set")
    """Parameters set in both arms, `id=value`"""
    until: Annotated[str, Field(pattern=r"\d{4}-12")] = "2034-12"
    """Last month lived; all runs start in January 2024"""
    text: Text
    """Window, states, persons and definitions of the published figure, for readers"""


class Beside(BaseModel):
    """Another number that a reader should see next to the model's: a benchmark."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    label: Text
    value: float


class Query(BaseModel):
    """A function of `queries` and its arguments."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    name: Text

    @classmethod
    def of(cls, name: str, **arguments: Any) -> Query:
        """A query by name and arguments."""
        return cls.model_validate({"name": name, **arguments})

    @property
    def arguments(self) -> dict[str, Any]:
        """Arguments beside the name."""
        return dict(self.model_extra or {})


class Target(BaseModel):
    """One published figure and how the model answers it. `value` and `interval` share `unit`."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    id: Text
    label: Text
    group: Text
    unit: Text
    value: float
    interval: tuple[float, float] | None = None
    """Published interval; or `tolerance`"""
    tolerance: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Share of the value on either side, where none was published: a judgement made beforehand"""
    sharpness: Literal["ratio", "width"] = "ratio"
    """`ratio`: a hit needs high over low below 3; `width`, for numbers that may change sign: an interval
    no wider than the published one"""
    date: Text
    conditions: Conditions
    source: tuple[Text, ...]
    verified: Literal["read", "recalled", "derived"]
    role: Role
    independent: bool = True
    """False where the same evidence stands behind a parameter, so that agreement is no proof"""
    query: Query
    beside: tuple[Beside, ...] = ()
    why: Text
    """A sentence for readers where model and publication differ"""

    @model_validator(mode="after")
    def _bounded(self) -> Target:
        if (self.interval is None) == (self.tolerance is None):
            raise ValueError("either `interval` or `tolerance` is needed, and not both")
        if self.interval is not None and not self.interval[0] <= self.value <= self.interval[1]:
            raise ValueError("the interval must contain the value")
        return self

    @property
    def bounds(self) -> tuple[float, float]:
        """Interval of the published figure, or value and tolerance."""
        if self.interval is not None:
            return self.interval
        assert self.tolerance is not None
        low, high = sorted((self.value * (1 - self.tolerance), self.value * (1 + self.tolerance)))
        return low, high

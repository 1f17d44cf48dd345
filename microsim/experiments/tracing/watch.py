"""Watch the kernel live one person: every month, every check of the work rule, every draw.

The model's own functions run in plain Python, month by month (microsim.engine.plain); only the ends are
replaced while a person is watched: the draws by words that note their use, and a few calls by themselves with
their result kept.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from microsim.engine.plain import Lived, live_plainly, person_and_key
from microsim.experiments.tracing.words import Tolerance, Use, Word, noting_block
from microsim.ground import draws
from microsim.ground.calendar import month_name
from microsim.ground.compiled import PLAIN_PYTHON
from microsim.ground.errors import MicrosimError
from microsim.ground.schema import LEAKS, PATHWAYS
from microsim.life import check_month, cover_month, overdose
from microsim.life.month import Life
from microsim.life.state import NEVER, Events, Person
from microsim.rules.exclusions import FRAILTIES, frailty
from microsim.rules.look_back import months_counted
from microsim.rules.month_status import month_standing
from microsim.rules.renewal import cure_window_end
from microsim.rules.statuses import STATUSES


@dataclass(frozen=True)
class Check:
    """One check of the work rule: what was true, what the state saw, what was shown, and the outcome."""

    at_application: bool
    by_review: bool
    """The months of a review count, not those before an application."""
    family: str
    """Family and reason of the month's true status, words of rules.statuses."""
    reason: str
    limb: str
    """Limb of medical frailty that holds, `none` without one."""
    months_counted: int
    months_looked_at: int
    months_required: int
    met: bool
    excluded: bool
    answer_by: str
    """Last day to answer the notice, empty where an application is decided."""
    pathway: str
    diagnosed: bool
    cleared: bool
    answered: bool | None
    """None where there was nothing to show."""
    accepted: bool
    proved: bool
    leak: str


@dataclass
class Month:
    """A month as it was lived; `events` is None for a child, to whom nothing happens."""

    month: int
    age_months: int
    before: Life
    after: Life
    events: Events | None
    checks: list[Check] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    credit_barred: bool = False
    waits: bool = False
    """Whether an application was put off because the work rule could not be met."""

    def used(self, where: str, *events: str) -> bool | None:
        """Outcome of the last comparison of one of the events in a function; None without one."""
        found = [use.below for use in self.uses if use.where == where and use.event in events]
        return found[-1] if found else None


def _end(module: Any, name: str, watched: Callable[[Any], Any]) -> tuple[Any, str, Any]:
    """A function of a module and what stands in for it."""
    return module, name, watched(getattr(module, name))


def _last_day(month: int, options: Any) -> str:
    """The day on which the time to answer a notice of a check ends."""
    last, day = cure_window_end(month, options)
    return f"{month_name(last)}-{day:02d}"


class Watch:
    """A notebook on one person. `months` holds the months lived, by arm."""

    def __init__(self) -> None:
        self.person: Person | None = None
        self.months: dict[int, list[Month]] = {}
        self._uses: list[Use] = []
        self._checks: list[Check] = []
        self._barred = False
        self._pathway = 0
        self._diagnosed = 0

    def live(self, record: Any, poor: int, rates: Any, places: Any, months: int, key0: int, key1: int) -> None:
        """Live all arms of one person.

        `record` is a row of the population, `rates` (arms,), `places` (arms, 51, months).

        Raises MicrosimError where functions are compiled: machine code cannot be watched.
        """
        if not PLAIN_PYTHON:
            need = "NUMBA_DISABLE_JIT=1 set before numba is imported"
            raise MicrosimError(f"a life can be traced only with {need}")
        with self._attached():
            plain, key = person_and_key(record, poor, key0, key1)
            tolerance = Tolerance.made(int(plain.tolerance), lambda use: self._uses.append(use))
            self.person = plain._replace(tolerance=tolerance)
            for arm in range(rates.shape[0]):
                self._uses = []
                here = places[arm, self.person.state]
                lived = live_plainly(record, self.person, key, rates[arm], here, months)
                self.months[arm] = [self._closed(month) for month in lived]

    @contextmanager
    def _attached(self) -> Iterator[None]:
        """Replace the ends for as long as a person is watched."""
        ends: list[tuple[Any, str, Any]] = [
            (draws, "block", noting_block(lambda use: self._uses.append(use))),
            _end(overdose, "survived", self._watched_fate),
            _end(cover_month, "check", self._watched_check),
            _end(cover_month, "premium_tax_credit_barred", self._watched_bar),
            _end(check_month, "pathway", lambda function: self._kept("_pathway", function)),
            _end(check_month, "diagnosed", lambda function: self._kept("_diagnosed", function)),
        ]
        before = [(module, name, getattr(module, name)) for module, name, _ in ends]
        try:
            for module, name, replacement in ends:
                setattr(module, name, replacement)
            yield
        finally:
            for module, name, original in before:
                setattr(module, name, original)

    def _closed(self, lived: Lived) -> Month:
        """A month with what was noted while it was lived."""
        kept = Month(*lived, uses=self._uses, credit_barred=self._barred)
        # A check that is not counted was only imagined, by somebody who then did not apply.
        if lived.events is not None and lived.events.checked:
            kept.checks = self._checks
        else:
            kept.waits = bool(self._checks)
        self._uses, self._checks, self._barred = [], [], False
        return kept

    def _kept(self, name: str, function: Callable[..., int]) -> Callable[..., int]:
        def kept(*arguments: Any) -> int:
            value = function(*arguments)
            setattr(self, name, value)
            return value

        return kept

    def _watched_fate(self, function: Callable[..., int]) -> Callable[..., int]:
        def survived(*arguments: Any) -> int:
            return Word.made(int(function(*arguments)), "FATAL", lambda use: self._uses.append(use))

        return survived

    def _watched_bar(self, function: Callable[..., int]) -> Callable[..., int]:
        def barred(*arguments: Any) -> int:
            value = function(*arguments)
            self._barred = self._barred or bool(value)
            return value

        return barred

    def _watched_check(self, function: Callable[..., check_month.Check]) -> Callable[..., check_month.Check]:
        signature = inspect.signature(function)

        def check(*arguments: Any) -> check_month.Check:
            self._pathway = self._diagnosed = 0
            first = len(self._uses)
            outcome = function(*arguments)
            given = signature.bind(*arguments).arguments
            self._checks.append(self._seen(given, outcome, self._uses[first:]))
            return outcome

        return check

    def _seen(self, given: dict[str, Any], outcome: check_month.Check, uses: list[Use]) -> Check:
        truth, options, applying = given["truth"], given["options"], bool(given["applying"])
        family, reason = STATUSES[month_standing(truth, options)]
        by_review = given["since"] > NEVER
        looked_at = given["month"] - given["since"] if by_review else options.lookback_months
        required = min(looked_at, given["required"]) if by_review else options.lookback_months
        compared = {use.event: use.below for use in uses if use.where == "check"}
        answered = compared.get("RESPONSE", compared.get("TRAIT_RESPONSE"))
        return Check(
            at_application=applying,
            by_review=by_review,
            family=family,
            reason=reason,
            limb=FRAILTIES[frailty(truth, options)],
            months_counted=int(months_counted(given["work"].history >> 1, looked_at)),
            months_looked_at=int(looked_at),
            months_required=int(required),
            met=bool(outcome.met),
            excluded=bool(outcome.excluded),
            answer_by="" if applying else _last_day(given["month"], options),
            pathway=PATHWAYS[self._pathway],
            diagnosed=bool(self._diagnosed),
            cleared=bool(outcome.cleared),
            answered=answered,
            accepted=bool(compared["DOCUMENT"]) or bool(outcome.excluded and truth.pregnant),
            proved=bool(outcome.proved),
            leak=LEAKS[outcome.leak],
        )

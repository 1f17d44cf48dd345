"""Three sizes of the loss of cover, never mixed: gross exits, fall of enrollment, more people uninsured.

Each stands beside the published figure of its own kind: federal actuaries and the Urban Institute publish
falls of enrollment, the Congressional Budget Office people without insurance. Exits count events, so one
person can add two.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from microsim.engine.results import Result
from microsim.experiments.compare import Report, run, setup, silent
from microsim.experiments.exemption_loop import Loop, exemption_loop
from microsim.experiments.targets import load_targets
from microsim.ground.schema import LOSS_REASONS

RESPONSES: dict[str, tuple[str, ...]] = {
    "renewal_like": ("medicaid.verification.response_setting=renewal_like",),
    "federal_planning": ("medicaid.verification.response_setting=federal_planning",),
}
"""How people answer: settings of a run (`--set`) by name."""
POLICIES: dict[str, tuple[str, ...]] = {
    "work": ("work-requirements",),
    "work_and_six_month": ("work-requirements", "six-month-renewals"),
}
"""What is compared with the baseline, by name."""
RULE_REASONS = (
    "noncompliant", "compliant_unverified", "excluded_unverified", "denied_at_application", "deterred",
)  # fmt: skip
"""Reasons that only the work requirement gives."""
GROUP = ("adult_group", "waiver_adult")
_LOSS = "loss_"


class Published(NamedTuple):
    """A published figure: its kind, policy and year, the target that holds it, and who published it."""

    kind: str
    policy: str
    year: int
    target: str
    who: str

    def ends(self) -> tuple[float, float]:
        """Lowest and highest published number, equal where there is one."""
        target = next(one for one in load_targets("validate") if one.id == self.target)
        return target.interval or (target.value, target.value)


PUBLISHED = (
    Published("fall of enrollment", "work", 2027, "cms-losses-2027", "CMS"),
    Published("fall of enrollment", "work", 2028, "cms-reduction-2028", "CMS"),
    Published("fall of enrollment", "work_and_six_month", 2028, "urban-fall-medium", "Urban Institute"),
    Published("more uninsured", "work", 2034, "cbo-uninsured-work", "CBO"),
    Published("more uninsured", "work_and_six_month", 2034, "cbo-uninsured-both", "CBO"),
)


def gross_exits(result: Result) -> pd.DataFrame:
    """Ends of Medicaid and applications not granted by reason, year and state.

    Columns: reason, year, state, baseline, policy, difference; events. Reasons are those of
    schema.LOSS_REASONS and partition all losses.
    """
    names = [f"{_LOSS}{reason}" for reason in LOSS_REASONS[1:]]
    rows = _rows(result, names, ("measure", "year", "state"))
    rows["reason"] = rows.pop("measure").str.removeprefix(_LOSS)
    return rows[["reason", "year", "state", "baseline", "policy", "difference"]]


def enrolment_fall(result: Result) -> pd.DataFrame:
    """Average number of people in the group the requirement reaches, by year and state.

    Columns: year, state, baseline, policy, difference; persons, mean of the year's months, so a fall is
    negative.
    """
    return _mean_people(result, GROUP)


def more_uninsured(result: Result) -> pd.DataFrame:
    """Average number of people without insurance by year and state; columns as `enrolment_fall`."""
    return _mean_people(result, ("uninsured",))


def sizes_by(result: Result, key: str) -> pd.DataFrame:
    """The three sizes of one run by `key`: reason, year or state.

    Columns: the key, gross_exits, by_the_rule, fall, more_uninsured. By state, persons are of the window's
    last year; by reason, only exits have a size.
    """
    exits = gross_exits(result)
    ruled = exits[exits["reason"].isin(RULE_REASONS)]
    table = pd.DataFrame({
        "gross_exits": exits.groupby(key)["policy"].sum(),
        "by_the_rule": ruled.groupby(key)["policy"].sum(),
    })  # fmt: skip
    if key != "reason":
        for name, people, sign in (
            ("fall", enrolment_fall(result), -1.0), ("more_uninsured", more_uninsured(result), 1.0),
        ):  # fmt: skip
            if key == "state":
                people = people[people["year"] == people["year"].max()]
            table[name] = sign * people.groupby(key)["difference"].sum()
    # People are counted in thousandths; digits beyond are those of sums in another order.
    return table.fillna({"by_the_rule": 0.0}).round(3).rename_axis(key).reset_index()


def sizes_of(result: Result, policy: str, response: str) -> pd.DataFrame:
    """The three sizes of one run by year, national, with the published figure of the same kind where there
    is one.

    Columns: response, policy, year, kind, reason, model, published_low, published_high, source.
    """
    exits = gross_exits(result)
    gross = exits.groupby(["reason", "year"], as_index=False)["policy"].sum()
    rows: list[dict[str, Any]] = [
        {"year": int(one.year), "kind": "gross exits", "reason": one.reason, "model": one.policy}
        for one in gross.itertuples()
    ]
    for kind, table, sign in (
        ("fall of enrollment", enrolment_fall(result), -1.0),
        ("more uninsured", more_uninsured(result), 1.0),
    ):
        national = table.groupby("year", as_index=False)["difference"].sum()
        rows += [
            {"year": int(one.year), "kind": kind, "reason": "all", "model": sign * one.difference}
            for one in national.itertuples()
        ]
    for row in rows:
        row |= {
            "response": response,
            "policy": policy,
            "published_low": None,
            "published_high": None,
            "source": "",
        }
        for figure in PUBLISHED:
            if (figure.kind, figure.policy, figure.year) == (row["kind"], policy, row["year"]):
                low, high = figure.ends()
                row |= {"published_low": low, "published_high": high, "source": figure.who}
    columns = [
        "response",
        "policy",
        "year",
        "kind",
        "reason",
        "model",
        "published_low",
        "published_high",
        "source",
    ]
    return pd.DataFrame(rows)[columns]


def coverage_sizes(
    persons: int | None = None,
    *,
    responses: Mapping[str, tuple[str, ...]] = RESPONSES,
    policies: Mapping[str, tuple[str, ...]] = POLICIES,
    threads: int = 2,
    report: Report = silent,
    **options: Any,
) -> pd.DataFrame:
    """Run every policy under every way of answering; the tables of `sizes_of` one below the other.

    `persons` and `options` are those of `microsim.experiments.compare.setup`, such as states, start, end and
    seed.
    """
    tables = []
    for response, settings in responses.items():
        for policy, names in policies.items():
            result = run(
                list(names), persons=persons, settings=settings, threads=threads, report=report, **options
            )
            tables.append(sizes_of(result, policy, response))
    return pd.concat(tables, ignore_index=True)


def loop_size(
    persons: int | None = None, *, threads: int = 2, report: Report = silent, **options: Any
) -> Loop:
    """How often treatment that ended with cover is missing at the next check, under the work requirement with
    six-month renewals; `options` as in `coverage_sizes`."""
    names = POLICIES["work_and_six_month"]
    ready = setup(list(names), persons=persons, threads=threads, report=report, **options)
    return exemption_loop(ready, threads, report)


def beside(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of a table that have a published figure, with the miss: model less the nearer published
    end.
    """
    rows = table[table["published_low"].notna()].copy()
    low, high = rows["published_low"].astype(float), rows["published_high"].astype(float)
    rows["miss"] = (rows["model"] - rows["model"].clip(lower=low, upper=high)).round()
    return rows.reset_index(drop=True)


def _rows(result: Result, measures: list[str], keys: tuple[str, ...]) -> pd.DataFrame:
    """Sums of monthly measures over keys, one column an arm."""
    import pyarrow.compute as pc

    arrow = result.monthly_arrow
    chosen = arrow.filter(pc.is_in(arrow["measure"], value_set=_as_type(arrow["measure"], measures)))
    by = ["arm", "month", *(key for key in keys if key != "year")]
    frame = (
        chosen.group_by(by).aggregate([("value", "sum")]).to_pandas().rename(columns={"value_sum": "value"})
    )
    for name in by:
        frame[name] = frame[name].astype(str)
    frame["year"] = frame["month"].str[:4].astype(int)
    wide = frame.pivot_table(index=list(keys), columns="arm", values="value", aggfunc="sum", fill_value=0.0)
    wide = wide.reindex(columns=["baseline", "policy"], fill_value=0.0)
    wide["difference"] = wide["policy"] - wide["baseline"]
    return wide.reset_index().rename_axis(columns=None)


def _mean_people(result: Result, covers: tuple[str, ...]) -> pd.DataFrame:
    """Persons of some covers by year and state, averaged over the months of the year in the window."""
    rows = _rows(result, ["persons"], ("year", "state", "cover"))
    rows = rows[rows["cover"].isin(covers)]
    months = (
        result.monthly_arrow["month"].combine_chunks().unique().to_pandas().astype(str).str[:4].astype(int)
    )
    lengths = months.value_counts()
    wide = rows.groupby(["year", "state"], as_index=False)[["baseline", "policy", "difference"]].sum()
    divisor = wide["year"].map(lengths)
    for name in ("baseline", "policy", "difference"):
        wide[name] = wide[name] / divisor
    return wide


def _as_type(column: Any, values: list[str]) -> Any:
    """Values as an array that can be looked up in a column, dictionary-encoded or not."""
    import pyarrow as pa

    kind = column.type
    return pa.array(values, type=kind.value_type if pa.types.is_dictionary(kind) else kind)

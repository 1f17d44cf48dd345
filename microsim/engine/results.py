"""A result: two arms compared, its tables, and how it is written whole and read back."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from pydantic_core import to_json

from microsim.engine.documents import MEASURES, read_manifest, read_summary
from microsim.ground.errors import InputError
from microsim.ground.files import check_replaceable

if TYPE_CHECKING:
    import pandas as pd

SUMMARY = "summary.json"
MONTHLY = "monthly.parquet"
ANNUAL = "annual.csv"
MANIFEST = "manifest.json"
TABLES = "tables.npz"
TALLIES = "tallies.arrow"
ANNUAL_KEYS = ("year", "state", "age_band", "sex", "race")
MONTHLY_KEYS = ("month", "state", "cover", "sud_class")
FILES = (SUMMARY, MONTHLY, ANNUAL, MANIFEST)


class View(Protocol):
    """What draws a result."""

    def plot(self, result: Result, measure: str, state: str | None) -> Any:
        """A picture that a notebook shows."""

    def html(self, result: Result) -> str:
        """Table and picture of the result."""


class Result:
    """Baseline, policy and their difference.

    `document` is what `summary.json` holds, `monthly_arrow` and `annual_arrow` the long tables,
    `manifest` everything needed to repeat the run.
    """

    view: ClassVar[View | None] = None
    """Draws results for people; `import microsim` sets it, since drawing lies above the engine."""

    def __init__(
        self,
        document: dict[str, Any],
        monthly_arrow: pa.Table,
        annual_arrow: pa.Table,
        manifest: dict[str, Any],
        extra_files: Mapping[str, bytes] | None = None,
    ) -> None:
        self.document = document
        self.monthly_arrow = monthly_arrow
        self.annual_arrow = annual_arrow
        self.manifest = manifest
        self.extra_files = dict(extra_files or {})

    @property
    def run(self) -> str:
        """Identity of the run."""
        return str(self.document["run"])

    def summary(self) -> pd.DataFrame:
        """One row a measure: unit, baseline, policy, difference, low, high."""
        import pandas as pd

        return pd.DataFrame.from_dict(self.document["measures"], orient="index")

    @cached_property
    def monthly(self) -> pd.DataFrame:
        """arm, month, state, cover, sud_class, measure, value; cells without anybody are absent."""
        return self.monthly_arrow.to_pandas()

    @cached_property
    def annual(self) -> pd.DataFrame:
        """arm, year, state, age_band, sex, race, and one column a measure; every calendar year that the window
        touches, whole.
        """
        return self.annual_arrow.to_pandas()

    def by(self, *dimensions: str) -> pd.DataFrame:
        """Baseline, policy and difference by columns of the tables, and measure.

        `state` and `year` alone come from the summary. With `month`, `cover` or `sud_class` the monthly table
        is summed over the window. With `age_band`, `sex` or `race` the annual table is summed, which holds
        whole calendar years: of a window from 2026-07 to 2028-06 that is 2026-01 to 2028-12.
        Raises InputError for an unknown column or a mixture of both tables.
        """
        import pandas as pd

        known = {"by_state": ("state",), "by_year": ("year",)}
        for key, columns in known.items():
            if dimensions == columns:
                frames = [
                    pd.DataFrame.from_dict(values, orient="index").assign(**{columns[0]: name})
                    for name, values in self.document[key].items()
                ]
                frame = pd.concat(frames).rename_axis("measure").reset_index()
                return frame.set_index([columns[0], "measure"])
        if dimensions and set(dimensions) <= set(ANNUAL_KEYS):
            return _yearly_difference(self.annual, dimensions)
        if dimensions and set(dimensions) <= set(MONTHLY_KEYS):
            return _difference(self.monthly_arrow, dimensions)
        valid = sorted({*ANNUAL_KEYS, *MONTHLY_KEYS})
        raise InputError(None, "by", ", ".join(dimensions), f"columns of one table, from {', '.join(valid)}")

    @property
    def difference(self) -> pd.DataFrame:
        """Policy less baseline by month, state, cover, sud_class and measure."""
        return _difference(self.monthly_arrow, ("month", "state", "cover", "sud_class"))[
            "difference"
        ].reset_index()

    def to_arrow(self) -> pa.Table:
        """Every number of the summary, one row each: period, place, measure, unit, baseline, policy,
        difference, low, high. Period is `window` or a year; place is `all` or a postal code.
        """
        rows: list[dict[str, Any]] = []
        parts = [("window", "all", self.document["measures"])]
        parts += [(year, "all", values) for year, values in self.document["by_year"].items()]
        parts += [("window", state, values) for state, values in self.document["by_state"].items()]
        for period, place, values in parts:
            rows += [
                {"period": period, "place": place, "measure": name, **entry} for name, entry in values.items()
            ]
        return pa.Table.from_pylist(rows)

    def to_pandas(self) -> pd.DataFrame:
        """`to_arrow` as a data frame."""
        return self.to_arrow().to_pandas()

    def plot(self, measure: str = "opioid_overdose_deaths", state: str | None = None) -> Any:
        """A picture of the yearly difference of a measure with its band, whole or in one state.

        Raises InputError for an unknown measure or state.
        """
        if self.view is None:
            raise InputError(None, "plot", measure, "a result of `microsim.run` or `microsim.load_result`")
        return self.view.plot(self, measure, state)

    def save(self, folder: str | Path, *, force: bool = False) -> Path:
        """Write the result to `folder`, whole or not at all.

        Raises InputError when the folder holds another run and `force` is not given, or cannot be
        written or replaced, as the current folder cannot.
        """
        folder = Path(folder)
        check_replaceable(folder)
        check_target(folder, self.run, force)
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            sibling = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        except OSError as error:
            raise InputError(
                "--out", None, str(folder), f"a folder that can be written ({error.strerror})"
            ) from error
        try:
            self._write(sibling)
            sibling.chmod(0o755)
            _replace(sibling, folder)
        except OSError as error:
            raise InputError(
                "--out", None, str(folder), f"a folder that can be written ({error.strerror})"
            ) from error
        finally:
            shutil.rmtree(sibling, ignore_errors=True)
        return folder

    def _write(self, folder: Path) -> None:
        # Values hardly repeat, and extremes of text cost more than all else of the file.
        words = [name for name in self.monthly_arrow.column_names if name != "value"]
        options = {"compression": "zstd", "use_dictionary": words, "write_statistics": False}
        with ThreadPoolExecutor(1) as pool:
            # The months take as long as all other files.
            months = pool.submit(pq.write_table, self.monthly_arrow, folder / MONTHLY, **options)
            pyarrow.csv.write_csv(_plain(self.annual_arrow), folder / ANNUAL)
            for name, body in self.extra_files.items():
                (folder / name).write_bytes(body)
            (folder / MANIFEST).write_bytes(to_json(self.manifest, indent=1) + b"\n")
            (folder / SUMMARY).write_bytes(to_json(self.document, indent=1) + b"\n")
            months.result()

    def __repr__(self) -> str:
        window = self.document["window"]
        return (
            f"<Result {self.run}: {self.document['policy']} against {self.document['baseline']}, "
            f"{window[0]} to {window[1]}>"
        )

    def _repr_html_(self) -> str:
        if self.view is not None:
            return str(self.view.html(self))
        return str(self.summary().to_html(float_format="{:,.0f}".format))


def check_target(folder: Path, run: str, force: bool) -> None:
    """Raise InputError when `folder` holds another run, or is a file, and `force` is not given."""
    if folder.is_file():
        raise InputError("--out", None, folder, "a folder, not a file")
    if not folder.is_dir() or not any(folder.iterdir()) or force:
        return
    try:
        held = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))["run"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise InputError("--out", None, folder, "an empty or new folder; --force overwrites") from None
    if held != run:
        raise InputError(
            "--out", None, folder, f"a folder without another run (it holds {held}); --force overwrites"
        )


def _replace(new: Path, folder: Path) -> None:
    """Put `new` in the place of `folder`: readers see the old one, for a moment none, then the new one.

    When that fails, the old one is put back, or else stays in a hidden folder beside it.
    """
    if not folder.exists():
        os.rename(new, folder)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
    old = aside / folder.name
    try:
        os.rename(folder, old)
        try:
            os.rename(new, folder)
        except OSError:
            os.rename(old, folder)
            raise
    except OSError:
        with suppress(OSError):
            aside.rmdir()  # only an empty one: what could not be put back is kept
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _plain(table: pa.Table) -> pa.Table:
    columns = {
        name: table[name].cast(pa.string()) if pa.types.is_dictionary(table[name].type) else table[name]
        for name in table.column_names
    }
    return pa.table(columns)


def _difference(table: pa.Table, dimensions: tuple[str, ...]) -> pd.DataFrame:
    plain = _plain(table.select([*dimensions, "arm", "measure", "value"]))
    grouped = plain.group_by([*dimensions, "measure", "arm"]).aggregate([("value", "sum")]).to_pandas()
    wide = grouped.pivot_table(
        index=[*dimensions, "measure"], columns="arm", values="value_sum", fill_value=0.0, aggfunc="sum"
    )
    wide["difference"] = wide["policy"] - wide["baseline"]
    wide.columns.name = None
    return wide


def _yearly_difference(annual: pd.DataFrame, dimensions: tuple[str, ...]) -> pd.DataFrame:
    measures = [name for name in annual.columns if name not in (*ANNUAL_KEYS, "arm")]
    grouped = annual.groupby(["arm", *dimensions], observed=True)[measures].sum()
    long = grouped.stack().rename("value").rename_axis(["arm", *dimensions, "measure"])
    wide = long.unstack("arm", fill_value=0.0)
    wide["difference"] = wide["policy"] - wide["baseline"]
    wide.columns.name = None
    return wide


def load_result(folder: str | Path, *, measures: Iterable[str] = MEASURES) -> Result:
    """A result from its folder. Raises InputError when a file is missing or damaged, or lacks `measures`."""
    folder = Path(folder)
    for name in FILES:
        if not (folder / name).is_file():
            raise InputError(
                folder, name, "missing", "a finished run: summary, monthly, annual and manifest files"
            )
    document, manifest = read_summary(folder / SUMMARY, measures=measures), read_manifest(folder / MANIFEST)
    try:
        monthly = pq.read_table(folder / MONTHLY)
        annual = pyarrow.csv.read_csv(folder / ANNUAL, convert_options=_as_text())
    except (OSError, ValueError, pa.ArrowException) as error:
        raise InputError(folder, None, str(error).splitlines()[0], "undamaged result files") from error
    for name, table, keys in (
        (MONTHLY, monthly, ("arm", *MONTHLY_KEYS, "measure", "value")),
        (ANNUAL, annual, ("arm", *ANNUAL_KEYS)),
    ):
        missing = [key for key in keys if key not in table.column_names]
        if missing:
            raise InputError(folder / name, "columns", ", ".join(missing), "columns that are there")
    extra = {name: (folder / name).read_bytes() for name in (TABLES, TALLIES) if (folder / name).is_file()}
    return Result(document, monthly, annual, manifest, extra)


def _as_text() -> pyarrow.csv.ConvertOptions:
    names = ("arm", *ANNUAL_KEYS)
    return pyarrow.csv.ConvertOptions(column_types={name: pa.string() for name in names})

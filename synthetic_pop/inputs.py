"""What a population is built from: parameter records and the survey tables."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from microsim.ground.errors import InputError
from microsim.ground.parameters import Parameters, load_parameters
from microsim.ground.parameters.loading import data_root

Array = npt.NDArray[Any]


def population_folder() -> Path:
    """The folder of the population's records and tables."""
    return data_root() / "population" / "people"


@cache
def population_parameters() -> Parameters:
    """The records under `parameters/population/people`: a build reads no others."""
    return load_parameters(population_folder())


def guideline() -> tuple[float, float]:
    """Poverty guideline of 2024: first person and each further one, USD a year."""
    p = population_parameters()
    return p.number("population.poverty_guideline.first"), p.number("population.poverty_guideline.further")


class Tables:
    """Survey tables of one folder, read once each as mappings from column to array."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or population_folder() / "tables"
        self._read: dict[str, dict[str, Array]] = {}

    def __getitem__(self, name: str) -> dict[str, Array]:
        if name not in self._read:
            import pyarrow.parquet as pq

            path = self.folder / f"{name}.parquet"
            if not path.is_file():
                raise InputError(
                    str(path), None, name, "a survey table", fix="run synthetic_pop.aggregate_survey"
                )
            table = pq.read_table(path)
            self._read[name] = {c: table[c].to_numpy() for c in table.column_names}
        return self._read[name]

    def counts(self, name: str, dims: dict[str, int], value: str = "w") -> Array:
        """Weighted counts of a table as a float64 array with axes `dims` (column to length)."""
        table = self[name]
        out = np.zeros(tuple(dims.values()))
        np.add.at(out, tuple(table[c].astype(np.int64) for c in dims), table[value])
        return out


@cache
def inputs_digest() -> str:
    """Hexadecimal digest of every file under `parameters/population/people` and of this package's code."""
    digest = hashlib.sha256()
    code = Path(__file__).resolve().parent
    for root in (population_folder(), code):
        for path in sorted(root.rglob("*")):
            if path.suffix in (".yaml", ".csv", ".parquet", ".py") and path.is_file():
                body = path.read_bytes()
                digest.update(f"{path.relative_to(root).as_posix()} {len(body)}\n".encode())
                digest.update(body)
    return digest.hexdigest()[:16]

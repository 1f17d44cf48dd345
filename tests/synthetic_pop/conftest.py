"""One small population for all tests of this folder."""

from __future__ import annotations

import pytest

import synthetic_pop as sp
from synthetic_pop.builder import Model, default_model


@pytest.fixture(scope="session")
def model() -> Model:
    return default_model()


@pytest.fixture(scope="session")
def people(model: Model) -> dict:
    return sp.build(60_000, seed=7, model=model)

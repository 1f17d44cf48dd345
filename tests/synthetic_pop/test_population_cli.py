"""`microsim population`: messages, exit codes, nothing written on bad input."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from microsim.cli.population import population


def run(*args: str):
    return CliRunner().invoke(population, list(args))


def test_build_and_describe(tmp_path):
    out = str(tmp_path / "oh.parquet")
    assert run("build", "--out", out, "--persons", "12000", "--states", "OH,wv", "--quiet").exit_code == 0
    done = run("describe", out, "--json")
    content = json.loads(done.stdout)
    assert done.exit_code == 0 and content["records"] == 12_000
    assert {t["state"] for t in content["targets"]} == {"OH", "WV"}
    again = run("build", "--out", out, "--persons", "12000", "--quiet")
    assert again.exit_code == 2 and "--force" in again.output
    assert "hard" in run("describe", out).output


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--persons", "-5"], "--persons"),
        (["--persons", "many"], "--persons"),
        (["--states", "OX"], "OX"),
        (["--set", "population.oud.stok=1"], "population.oud.stock"),
        (["--set", "nonsense"], "ID=VALUE"),
    ],
)
def test_bad_options(tmp_path, options, words):
    out = tmp_path / "x.parquet"
    done = run("build", "--out", str(out), "--quiet", *options)
    assert done.exit_code == 2 and words in done.output and "Traceback" not in done.output
    assert not out.exists()


def test_another_value(tmp_path):
    out = str(tmp_path / "x.parquet")
    options = ("--persons", "3000", "--states", "OH", "--quiet")
    assert run("build", "--out", out, *options, "--set", "population.sud.work_correlation=0").exit_code == 0


def test_unreadable(tmp_path):
    bad = tmp_path / "bad.parquet"
    bad.write_bytes(b"PAR1 nothing")
    for args in (
        ("describe", str(bad)),
        ("describe", str(tmp_path / "none")),
        ("import", str(bad), "--out", "o.parquet"),
    ):
        done = run(*args)
        assert done.exit_code == 2 and "expected" in done.output

"""`microsim doctor`: whether this installation is whole, and where it keeps things."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from microsim.cli.errors import OUR_FAULT, told_plainly

_EPILOG = """\b
Examples:
  microsim doctor
  microsim doctor --json
"""
_PACKAGES = ("numpy", "numba", "llvmlite", "pandas", "pyarrow", "pydantic", "click", "rich", "altair")
_MEGABYTE = 1 << 20


@click.command(epilog=_EPILOG)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(as_json: bool) -> None:
    """Check versions, data, caches and threads; exit code 1 when something is broken."""
    with told_plainly():
        found: dict[str, str] = {}
        broken: dict[str, str] = {}
        for name, check in _CHECKS.items():
            try:
                found[name] = check()
            except Exception as error:  # a check that fails is what the command is for
                broken[name] = " ".join(str(error).split()) or type(error).__name__
        if as_json:
            click.echo(json.dumps({"sound": not broken, "found": found, "broken": broken}, indent=1))
        else:
            _print(found, broken)
        if broken:
            sys.exit(OUR_FAULT)


def _print(found: dict[str, str], broken: dict[str, str]) -> None:
    for name in _CHECKS:
        text = f"BROKEN: {broken[name]}" if name in broken else found[name]
        click.echo(click.wrap_text(text, 78, f"{name:<13}", " " * 13))
    if broken:
        click.echo(f"\nbroken: {', '.join(broken)}", err=True)


def _microsim() -> str:
    from microsim.engine.identity import code_digest, version

    return f"{version()}, code {code_digest()}, in {Path(__file__).resolve().parents[1]}"


def _python() -> str:
    import platform

    return f"{platform.python_version()} on {platform.system()} {platform.machine()}"


def _libraries() -> str:
    from importlib.metadata import PackageNotFoundError, version

    versions, missing = [], []
    for name in _PACKAGES:
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        raise RuntimeError(f"not installed: {', '.join(missing)}")
    return ", ".join(versions)


def _threads() -> str:
    from microsim.cli.cores import cores

    total, usable = os.cpu_count() or 1, cores()
    return f"{usable} of {total} cores usable" if usable != total else f"{total} cores"


def _data() -> str:
    from microsim.ground.parameters import data_root, load_parameters

    parameters = load_parameters()
    return f"{len(parameters)} parameters, digest {parameters.digest()[:16]}, in {data_root()}"


def _policies() -> str:
    from microsim.ground.parameters import load_parameters
    from microsim.ground.policies import apply_policies, shipped_library

    names = shipped_library().policy_names()
    for name in names:
        apply_policies(load_parameters(), [name])
    return f"{len(names)} policies, all of them right"


def _kernels() -> str:
    from microsim.cli.progress import kernels_cold
    from microsim.ground.compiled import cache_folder

    folder = cache_folder()
    state = "not compiled yet; the first run does it" if kernels_cold() else "compiled"
    return f"{state}; cache of {_size(folder)} in {folder}"


def _population() -> str:
    from synthetic_pop import DEFAULT_PERSONS, DEFAULT_SEED
    from synthetic_pop.default import cache_file

    file = cache_file(DEFAULT_PERSONS, DEFAULT_SEED)
    if not file.is_file():
        return f"{DEFAULT_PERSONS:,} records, not built yet; the first run does it"
    return f"{DEFAULT_PERSONS:,} records, built; {_size(file)} in {file}"


def _size(path: Path) -> str:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return f"{sum(file.stat().st_size for file in files) / _MEGABYTE:.1f} MB"


_CHECKS: dict[str, Callable[[], str]] = {
    "microsim": _microsim,
    "python": _python,
    "libraries": _libraries,
    "threads": _threads,
    "parameters": _data,
    "policies": _policies,
    "kernels": _kernels,
    "population": _population,
}

"""A user's own folder: a policy, parameters and a population that make a run without touching the package."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

from microsim.ground.errors import InputError, Problems, nearest_name
from microsim.ground.parameters.yaml_source import read_yaml
from microsim.ground.policies.settings import Placed

POLICY = "policy.yaml"
PARAMETERS = "parameters.yaml"
POPULATION = "population.parquet"
FILES = (POLICY, PARAMETERS, POPULATION)
_NOT_IN_AN_ID = re.compile(r"[^a-z0-9]+")

_POLICY = """\
# What differs from the baseline. `microsim run --folder {folder}` lives both on the same people.
# The format: `microsim policy show enacted` shows one that ships; docs/policies.md explains every key.
id: {id}
label: Naloxone bought for 50 million dollars a year, on top of the law as enacted
policies: [enacted]
patches:
  - {{parameter: programs.naloxone_purchase.funding, from: "2027-01", value: 50}}
"""
_PARAMETERS = """\
# Your own numbers, in force in both arms. `microsim parameter list WORD` finds ids, `microsim parameter
# show ID` says what an id holds. A class of a table stands in brackets. Take the # away to use a line.
# sud.naloxone.kit_life: 24
# "sud.treatment.stop_probability[methadone,m1_2]": 0.1
"""
_README = """\
# {id}

| file | what it holds |
|---|---|
| `policy.yaml` | the policy that is run against the baseline |
| `parameters.yaml` | numbers of your own, in force in both arms |
| `population.parquet` | if it is here: your own people, from `microsim population build` or `import` |

    microsim policy check {policy}
    microsim run --folder {folder}
"""


class Own(NamedTuple):
    """What a folder gives a run."""

    policy: str | None
    """Path of the policy, if there is one"""
    settings: tuple[str, ...]
    """`ID=VALUE` as `--set` takes them, each with its line"""
    population: str | None


def read_own(folder: str | Path) -> Own:
    """The policy, settings and population of a folder.

    Raises InputError for a folder that holds none of them, a misspelt file or parameters that are not a
    mapping of ids to values.
    """
    folder = Path(folder)
    if not folder.is_dir():
        fix = f"`microsim template {folder}` writes one"
        raise InputError("--folder", None, folder, "a folder that exists", fix=fix)
    problems = Problems()
    present = {path.name for path in folder.iterdir()}
    for name in sorted(present):
        if name not in FILES and Path(name).suffix in (".yaml", ".yml", ".parquet"):
            nearest = nearest_name(name, FILES)
            if nearest is not None and nearest not in present:
                problems.add(
                    InputError(folder / name, None, name, f"one of {', '.join(FILES)}", nearest=nearest)
                )
    settings: tuple[str, ...] = ()
    try:
        settings = _settings(folder / PARAMETERS)
    except InputError as error:
        problems.add(error)
    problems.finish()
    if not present & set(FILES):
        raise InputError("--folder", None, folder, f"a folder that holds any of {', '.join(FILES)}")
    return Own(
        str(folder / POLICY) if POLICY in present else None,
        settings,
        str(folder / POPULATION) if POPULATION in present else None,
    )


def _settings(path: Path) -> tuple[str, ...]:
    if not path.exists():
        return ()
    problems = Problems()
    held = read_yaml(path, str(path), problems)
    for id_, value in held.items():
        if isinstance(value, dict | list) or value is None:
            fix = "write a table class by class: `ID[class]: VALUE`"
            expected = "one number, word, true or false"
            problems.add(InputError(path, id_, value, expected, line=held.lines[id_], fix=fix))
    problems.finish()
    return tuple(Placed(f"{id_}={_written(value)}", str(path), held.lines[id_]) for id_, value in held.items())


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def write_template(folder: str | Path) -> list[Path]:
    """Write a folder that `read_own` reads and return its files.

    Raises InputError when it already holds one of the files, or cannot be written.
    """
    folder = Path(folder)
    id_ = _NOT_IN_AN_ID.sub("-", folder.resolve().name.lower()).strip("-") or "mine"
    shown = {"id": id_, "folder": folder.as_posix(), "policy": (folder / POLICY).as_posix()}
    bodies = {
        POLICY: _POLICY.format(**shown),
        PARAMETERS: _PARAMETERS,
        "README.md": _README.format(**shown),
    }
    held = [name for name in bodies if (folder / name).exists()]
    if held:
        raise InputError(
            folder, None, ", ".join(held), "a folder without these files; nothing is overwritten"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, body in bodies.items():
            (folder / name).write_text(body, encoding="utf-8")
    except OSError as error:
        raise InputError(folder, None, error.strerror, "a folder that can be written") from None
    return [folder / name for name in bodies]

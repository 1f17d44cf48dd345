"""`microsim run`: a policy beside a baseline on the same people and the same luck."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from microsim.cli.completion import policy_names
from microsim.cli.cores import cores
from microsim.cli.errors import told_plainly

if TYPE_CHECKING:
    from microsim.cli.progress import Told
    from microsim.engine.results import Result
    from microsim.experiments.compare import Setup

_EPILOG = """\b
Examples:
  microsim run --policy budget2025
  microsim run --policy work-requirements --states OH,WV --persons 200000
  microsim run --policy mine.yaml --set sud.naloxone.kit_life=24 --json
  microsim run --policy budget2025 --states WY --persons all
  microsim run --folder mine
\b
Results go to DIR: summary.json, monthly.parquet, annual.csv, manifest.json
and, unless --no-brief, validation.json and brief.html. Exit codes: 0 done,
2 bad input, 1 our fault, 130 interrupted.
"""


class Asked(NamedTuple):
    """What is asked for: what `experiments.compare.setup` takes, and how the run is lived and written."""

    policy: tuple[str, ...]
    baseline: str
    options: dict[str, Any]
    threads: int
    out: Path | None
    force: bool
    resume: bool
    brief: bool = True
    engine: str = "threads"
    scheduler: str | None = None


@click.command(epilog=_EPILOG)
@click.option("--policy", multiple=True, metavar="NAME|FILE", shell_complete=policy_names,
              help="A policy by name or file; repeat it to apply several in order.")  # fmt: skip
@click.option("--folder", metavar="FOLDER",
              help="Take policy, parameters and population from here; see `microsim template`.")  # fmt: skip
@click.option("--baseline", default="baseline", show_default=True, metavar="NAME|FILE",
              shell_complete=policy_names, help="What the policy is set against.")  # fmt: skip
@click.option("--set", "settings", multiple=True, metavar="ID=VALUE",
              help="Set a parameter in both arms; repeatable.")  # fmt: skip
@click.option("--population", metavar="FILE", help="A population file in place of the built-in one.")
@click.option("--persons", metavar="N|all",
              help="Records of the built-in population, or all residents. [default: 1000000]")  # fmt: skip
@click.option("--start", default="2025-01", show_default=True, metavar="YYYY-MM", help="First month shown.")
@click.option("--end", default="2034-12", show_default=True, metavar="YYYY-MM", help="Last month shown.")
@click.option("--states", metavar="OH,WV",
              help="Postal codes of the states to run. [default: all, or those of --population]")  # fmt: skip
@click.option("--draws", default="50", show_default=True, metavar="D",
              help="Joint draws of the parameters for 95% intervals, half a minute or more for 50; "
                   "1 for none.")  # fmt: skip
@click.option("--full-draws", is_flag=True, help="Run every draw on all records.")
@click.option("--seed", default="20240101", show_default=True, metavar="S", help="Seed of all random draws.")
@click.option("--threads", metavar="T",
              help="Threads; the result does not depend on them. [default: all cores]")  # fmt: skip
@click.option("--engine", default="threads", show_default=True, metavar="threads|dask",
              help="Where people are lived; the result does not depend on it.")  # fmt: skip
@click.option("--scheduler", metavar="ADDRESS", help="An existing Dask cluster, for --engine dask.")
@click.option("--resume", is_flag=True,
              help="Take the result of the same run if it is finished. An unfinished run in pieces (all "
                   "residents, more than 5,000,000 records, or --engine dask) goes on by itself.")  # fmt: skip
@click.option("--force", is_flag=True, help="Replace a folder that holds another run.")
@click.option("--out", metavar="DIR", help="Folder of the results. [default: results/POLICY-RUN]")
@click.option("--no-brief", is_flag=True,
              help="Leave brief.html and validation.json out; `microsim brief` makes a brief later.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print summary.json instead of the table.")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
def run(**given: Any) -> None:
    """Run a policy beside a baseline: who loses cover, who loses treatment, how many overdoses follow."""
    with told_plainly():
        as_json, quiet = given.pop("as_json"), given.pop("quiet")
        asked = _asked(_with_own(given))
        _check_folder(asked)
        result, folder = _lived(asked, quiet)
        if as_json:
            click.echo(json.dumps(result.document, indent=1))
        else:
            from microsim.cli.doubts import print_doubts
            from microsim.cli.headline import print_headline

            print_headline(result.document)
            print_doubts(result.document)
        _say_where(result, folder, quiet)


def _with_own(given: dict[str, Any]) -> dict[str, Any]:
    """The options with what a folder of one's own adds to them; options win over the folder."""
    from microsim.ground.errors import InputError

    folder = given.pop("folder")
    if folder is not None:
        from microsim.experiments.own import read_own

        own = read_own(folder)
        given["policy"] = (*given["policy"], *([own.policy] if own.policy else []))
        given["settings"] = (*own.settings, *given["settings"])
        given["population"] = given["population"] or own.population
    if not given["policy"]:
        here = "policy.yaml in it, or --policy" if folder is not None else "--folder"
        fix = "`microsim policy list` names those that ship"
        raise InputError("--policy", None, "nothing", f"a policy by name or file, or {here}", fix=fix)
    return given


def _asked(given: dict[str, Any]) -> Asked:
    """The options, checked as far as they can be alone, all problems in one pass."""
    from microsim.cli.options import whole_number
    from microsim.experiments.asked import ALL, IN_MEMORY, check_persons
    from microsim.experiments.compare import is_streamed
    from microsim.experiments.engines import ENGINES
    from microsim.ground.calendar import month_index
    from microsim.ground.counts import MOST_DRAWS, MOST_SEED, MOST_THREADS
    from microsim.ground.errors import InputError, Problems, unknown_name

    problems = Problems()

    def whole(name: str, least: int, default: int | None, most: int | None = None) -> int | None:
        if given[name] is None:
            return default
        try:
            return whole_number(f"--{name}", given[name], least, most)
        except InputError as error:
            problems.add(error)
            return default

    persons: int | str | None = ALL if given["persons"] == ALL else whole("persons", 1, None)
    if isinstance(persons, int):
        try:
            check_persons(persons)
        except InputError as error:
            problems.add(error)
    if given["engine"] not in ENGINES:
        problems.add(unknown_name("--engine", None, given["engine"], ENGINES, "an engine"))
    elif given["scheduler"] is not None and given["engine"] == "threads":
        problems.add(InputError("--scheduler", None, given["scheduler"], "no address without --engine dask"))
    seed, threads = whole("seed", 0, 0, MOST_SEED), whole("threads", 1, cores(), MOST_THREADS)
    draws = whole("draws", 1, 50, MOST_DRAWS)
    if given["full_draws"] and draws == 1:
        fix = "leave --full-draws out"
        problems.add(InputError("--full-draws", None, "--draws 1", "more than one draw", fix=fix))
    for name in ("start", "end"):
        try:
            month_index(given[name])
        except InputError as error:
            problems.add(InputError(f"--{name}", None, given[name], error.expected, fix=error.fix))
    states = None if given["states"] is None else given["states"].split(",")
    problems.finish()
    options = {
        "population": given["population"], "persons": persons, "start": given["start"], "end": given["end"],
        "states": states, "seed": seed, "settings": given["settings"], "draws": draws,
        "full_draws": given["full_draws"],
    }  # fmt: skip
    assert threads is not None and draws is not None
    if given["full_draws"] and is_streamed(given["population"], persons):
        fix = "leave --full-draws out: draws are then lived on the default sample"
        raise InputError("--full-draws", None, str(persons), f"at most {IN_MEMORY:,} records", fix=fix)
    out = None if given["out"] is None else Path(given["out"])
    return Asked(
        given["policy"], given["baseline"], options, threads, out, given["force"], given["resume"],
        not given["no_brief"], given["engine"], given["scheduler"],
    )  # fmt: skip


def _check_folder(asked: Asked) -> None:
    """Raise InputError when the target cannot be written or plainly holds something else."""
    from microsim.cli.folders import RESULTS, check_same, check_writable

    check_writable(asked.out or RESULTS / "run")
    if asked.out is not None and not asked.force:
        from microsim.ground.errors import InputError
        from microsim.ground.policies import compose

        window = [asked.options["start"], asked.options["end"]]
        try:
            policy = compose(asked.policy).id
        except InputError:
            return  # said with all else that is wrong, once the parameters are there
        check_same(asked.out, policy, asked.baseline, window)


def _lived(asked: Asked, quiet: bool) -> tuple[Result, Path]:
    from microsim.cli.background import Stop, in_background, undisturbed
    from microsim.cli.progress import Told, kernels_cold
    from microsim.engine.results import load_result
    from microsim.experiments.compare import live, result_of, setup
    from microsim.experiments.engines import check_engine
    from microsim.experiments.scale.running import kept_in, with_people, working

    check_engine(asked.engine, asked.scheduler)
    stop = Stop()
    with Told(stop, quiet=quiet, cold=kernels_cold()) as told:

        def prepare() -> Setup:
            return setup(
                asked.policy, asked.baseline, pieces=True, threads=asked.threads, report=told, **asked.options
            )

        ready = in_background(prepare, stop, told.close)
        folder, finished = _target(asked, ready, told)
        if finished and asked.resume:
            return load_result(folder), folder

        def work() -> Result:
            lived = live(ready, asked.threads, told, engine=engine, checkpoint=checkpoint)
            told("writing tables", 0, 1)
            people = with_people(ready, asked.threads, told)
            result = result_of(ready, lived)
            if ready.draws > 1:
                from microsim.experiments.uncertainty import with_intervals

                result = with_intervals(result, people, lived, asked.threads, told, engine)
            return with_brief(result) if asked.brief else result

        lanes = working(asked.engine, asked.threads, asked.scheduler)
        with lanes as engine, kept_in(folder, ready, engine, told.say) as checkpoint:
            result = in_background(work, stop, told.close)
            with undisturbed():
                result.save(folder, force=asked.force)
                if checkpoint is not None:
                    checkpoint.remove()
    return result, folder


def _target(asked: Asked, ready: Setup, told: Told) -> tuple[Path, bool]:
    """Where the run goes, and whether the same run lies there finished; says which patches are idle."""
    from microsim.cli.folders import default_folder, held
    from microsim.engine.results import check_target
    from microsim.ground.policies import namesakes

    folder = asked.out or default_folder(ready.policy, ready.run)
    check_target(folder, ready.run, asked.force)
    for line in namesakes(asked.policy):
        told.say(f"warning: {line}")
    for line in ready.notices:
        told.say(line)
    for line in ready.idle:
        told.say(f"without effect in this run: {line}")
    document = held(folder)
    finished = document is not None and document["run"] == ready.run
    in_pieces = ready.residents is not None or asked.engine != "threads"
    if asked.resume and not finished and not in_pieces:
        told.say("nothing to resume: starting from the beginning")
    return folder, finished


def with_brief(result: Result) -> Result:
    """The result with brief.html among its files, and validation.json: what it can answer of published figures."""
    from microsim.experiments.validate import validate_result
    from microsim.ground.errors import InputError
    from microsim.report.beside import carrying
    from microsim.report.brief import write_brief

    parts = {}
    try:
        parts["validation"] = validate_result(result).document()
        result.extra_files["validation.json"] = json.dumps(parts["validation"], indent=1).encode()
    except InputError:
        pass  # no published figure is of such a run
    result.extra_files["brief.html"] = write_brief(carrying(result, parts))
    return result


def _say_where(result: Result, folder: Path, quiet: bool) -> None:
    if quiet:
        return
    document = result.document
    first, last = document["window"]
    click.echo(
        f"run {result.run}: {document['policy']} against {document['baseline']}, {first} to {last}, "
        f"{document['records']:,} records\nfiles in {folder}",
        err=True,
    )

"""Who may import whom, what functions may take, and what kernels may not contain: read from the sources."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import microsim
import synthetic_pop

PACKAGE = Path(microsim.__file__).parent
POPULATION = Path(synthetic_pop.__file__).parent
FLOORS = {"ground": 0, "rules": 1, "life": 2, "engine": 3, "experiments": 4, "report": 5, "cli": 5}

LIFE_SUBJECTS = {"home", "work", "substance", "opioid", "overdose", "coverage"}
"""Each knows one part of a life; what several of them say together is put together elsewhere."""
LIFE_COMPOSERS = {
    "tables",
    "readings",
    "ageing",
    "attachment",
    "check_month",
    "memory",
    "cover_month",
    "ending",
    "month",
    "origin",
}
SHARED = {"state", "coverage", "readings"}
HOST_RULES = {"table", "options_table", "columns", "__init__"}
"""The law on a table of people and its options: they run on the host, not in the kernel."""

TABLES = {"rates", "place", "record"}
"""Records whose fields may be arrays."""
WORDS = {"health_words", "life_words", "key"}
"""Tuples of plain integers."""
ROWS = {("coverage", "pick", "cumulative")}
"""A row of a table handed on as it is: the one helper that reads it."""

def sources(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def compiled_functions(path: Path) -> list[ast.FunctionDef]:
    """Functions of a file that become machine code."""
    return [
        function
        for function in functions(path)
        if any(ast.unparse(one).split("(")[0] == "compiled" for one in function.decorator_list)
    ]


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef):
            yield node


COMPILED = tuple(path for path in sources(PACKAGE) if compiled_functions(path))
KERNEL_FILES = (
    *sorted((PACKAGE / "rules").glob("*.py")),
    *sorted((PACKAGE / "life").glob("*.py")),
    PACKAGE / "ground" / "compiled.py",
    *(PACKAGE / "engine" / f"{name}.py" for name in ("tallies", "simulate")),
    *(path for path in COMPILED if path.parent.name not in ("rules", "life")),
)


def module_of(path: Path) -> str:
    """Dotted name of a source file."""
    root = PACKAGE.parent if path.is_relative_to(PACKAGE) else POPULATION.parent
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imports(path: Path) -> frozenset[str]:
    """Every module a file imports, at the top or inside a function, relative names resolved."""
    found: set[str] = set()
    package = module_of(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found.update(name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                start = package[: len(package) - node.level + 1]
                base = ".".join([*start, *filter(None, [base])])
            found.add(base)
            found.update(f"{base}.{name.name}" for name in node.names)
    return frozenset(found)


def floor_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[0] == "microsim" and parts[1] in FLOORS else None


def broken_floors() -> Iterator[str]:
    for path in sources(PACKAGE):
        here = floor_of(module_of(path))
        if here is None:
            continue
        for target in sorted(imports(path)):
            there = floor_of(target)
            if there is None or there == here:
                continue
            # The command line hands results to the brief; nothing else crosses the top floor.
            beside = (here, there) == ("cli", "report")
            if FLOORS[there] >= FLOORS[here] and not beside:
                yield f"{module_of(path)} imports {target}"


def test_files_import_from_lower_floors_only() -> None:
    assert list(broken_floors()) == []


def test_every_folder_is_a_floor() -> None:
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir() and any(path.glob("*.py"))}
    assert folders == set(FLOORS)


def test_population_builder_imports_the_ground_only() -> None:
    wrong = [
        f"{module_of(path)} imports {target}"
        for path in sources(POPULATION)
        for target in sorted(imports(path))
        if target.split(".")[0] == "microsim" and target != "microsim" and floor_of(target) != "ground"
    ]
    assert wrong == []


def test_lower_floors_do_not_import_the_population_builder() -> None:
    wrong = [
        module_of(path)
        for path in sources(PACKAGE)
        if floor_of(module_of(path)) in ("ground", "rules", "life", "engine")
        and any(target.split(".")[0] == "synthetic_pop" for target in imports(path))
    ]
    assert wrong == []


def test_parameter_files_are_read_on_the_ground_only() -> None:
    """What decides a life comes through the tree, so that its digest sees every file of numbers."""
    wrong = [
        f"{module_of(path)} uses {name}"
        for path in sources(PACKAGE)
        if floor_of(module_of(path)) in ("rules", "life", "engine")
        for node in ast.walk(tree(path))
        for name in (getattr(node, "id", None), getattr(node, "attr", None), getattr(node, "value", None))
        if name == "data_root" or (isinstance(name, str) and name.endswith(".csv") and path.stem != "results")
    ]
    assert wrong == []


def test_rules_never_draw() -> None:
    wrong = [
        f"{module_of(path)} imports {target}"
        for path in sources(PACKAGE / "rules")
        for target in imports(path)
        if target.startswith(("microsim.ground.draws", "microsim.ground.philox", "random", "numpy.random"))
    ]
    assert wrong == []


def test_every_file_of_life_has_a_role() -> None:
    files = {path.stem for path in sources(PACKAGE / "life")} - {"__init__"}
    assert files == LIFE_SUBJECTS | LIFE_COMPOSERS | {"state"}


def life_imports(path: Path) -> set[str]:
    """Files of the same floor that a file of life imports."""
    return {target.split(".")[2] for target in imports(path) if target.startswith("microsim.life.")}


def test_subjects_of_life_do_not_import_each_other() -> None:
    for path in sources(PACKAGE / "life"):
        if path.stem in LIFE_SUBJECTS:
            assert life_imports(path) <= SHARED - {path.stem}, path.stem


def test_shared_files_of_life_stand_under_the_month() -> None:
    middle = ["tables", "readings", "ageing", "attachment", "check_month", "memory", "ending", "cover_month"]
    above = [*middle, "month", "origin"]
    order = ["state", *sorted(LIFE_SUBJECTS), *above]
    for path in sources(PACKAGE / "life"):
        if path.stem in order and path.stem not in LIFE_SUBJECTS:
            below = set(order[: order.index(path.stem)])
            assert life_imports(path) <= below, path.stem


def test_subjects_of_life_never_draw() -> None:
    for subject in sorted(LIFE_SUBJECTS | {"readings"}):
        names = imports(PACKAGE / "life" / f"{subject}.py")
        # ONE is the unit of thresholds, not a draw.
        assert {n for n in names if n.startswith("microsim.ground.draws.")} <= {"microsim.ground.draws.ONE"}
        assert "microsim.ground.philox" not in names


def treated_as_arrays(function: ast.FunctionDef) -> set[str]:
    """Parameters that are subscripted, measured or iterated, themselves or through a field."""
    names = {argument.arg for argument in function.args.args}
    used: set[str] = set()

    def root(node: ast.expr) -> str | None:
        while isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        return node.id if isinstance(node, ast.Name) else None

    for node in ast.walk(function):
        candidate: ast.expr | None = None
        if isinstance(node, ast.Subscript):
            candidate = node.value
        elif isinstance(node, ast.For):
            candidate = node.iter
        elif isinstance(node, ast.Call) and node.args and getattr(node.func, "id", "") in ("len", "sum"):
            candidate = node.args[0]
        elif isinstance(node, ast.Attribute) and node.attr in ("shape", "size", "dtype"):
            candidate = node.value
        if candidate is not None and (name := root(candidate)) in names:
            used.add(str(name))
    return used


@pytest.mark.parametrize("floor", ["rules", "life"])
def test_helpers_take_numbers_not_arrays(floor: str) -> None:
    wrong = []
    for path in sources(PACKAGE / floor):
        if floor == "rules" and path.stem in HOST_RULES:
            continue
        allowed = TABLES | WORDS if floor == "life" else set()
        for function in functions(path):
            arrays = {
                name
                for name in treated_as_arrays(function) - allowed
                if (path.stem, function.name, name) not in ROWS
            }
            annotations = [ast.unparse(a.annotation) for a in function.args.args if a.annotation]
            arrays |= {text for text in annotations if "ndarray" in text or "NDArray" in text}
            wrong += [f"{path.stem}.{function.name}({name})" for name in sorted(arrays)]
    assert wrong == []


def test_rules_are_annotated_with_numbers_and_tuples_of_numbers() -> None:
    seen: set[str] = set()
    for path in sources(PACKAGE / "rules"):
        if path.stem in HOST_RULES:
            continue
        for function in functions(path):
            assert function.returns is not None, f"{path.stem}.{function.name}"
            seen.update(ast.unparse(a.annotation) if a.annotation else "none" for a in function.args.args)
    assert seen <= {"int", "Situation", "Options", "Visibility", "Shown"}


def test_kernels_have_no_hidden_randomness_and_keep_their_sums() -> None:
    """A random state, threads inside a kernel or relaxed arithmetic would make totals depend on order."""
    for path in KERNEL_FILES:
        words = {node.arg for node in ast.walk(tree(path)) if isinstance(node, ast.keyword)}
        words |= {node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)}
        words |= {node.id for node in ast.walk(tree(path)) if isinstance(node, ast.Name)}
        assert not words & {"fastmath", "parallel", "prange", "random", "default_rng"}, path.stem
        assert not {"random", "numpy.random"} & imports(path), path.stem


def test_every_floor_of_kernels_is_looked_at() -> None:
    names = {f"{path.parent.name}.{path.stem}" for path in COMPILED}
    engine = {"kernel", "quiet", "pairing", "recall", "rows", "tallying", "forget"}
    assert names >= {f"engine.{name}" for name in engine} | {"ground.philox", "life.month", "experiments.steadiness"}


def test_kernel_floats_are_absent() -> None:
    """Rules, life and kernels compute with integers: no division, no decimal number, no mathematics.

    Studies divide what their kernels counted, so of their files only the kernels are read.
    """
    files = [
        *(path for path in sources(PACKAGE / "rules") if path.stem not in HOST_RULES),
        *sources(PACKAGE / "life"),
        *(path for path in COMPILED if floor_of(module_of(path)) in ("ground", "engine")),
    ]
    whole: list[tuple[Path, ast.AST]] = [(path, tree(path)) for path in files]
    parts = [(path, one) for path in COMPILED if path not in files for one in compiled_functions(path)]
    for path, part in (*whole, *parts):
        for node in ast.walk(part):
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), path.stem
            assert not (isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div)), path.stem
        assert "math" not in imports(path), path.stem


def test_kernel_files_stay_readable() -> None:
    for path in KERNEL_FILES:
        assert len(path.read_text().splitlines()) < 400, path.stem


def test_twin_shares_nothing_with_what_it_checks() -> None:
    allowed = ("microsim.ground.draws", "microsim.ground.schema")
    for path in sorted(Path(__file__).parent.glob("naive*.py")):
        named = {
            f"{node.module}.{name.name}" if isinstance(node, ast.ImportFrom) else name.name
            for node in ast.walk(tree(path))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in node.names
        }
        product = {name for name in named if name.startswith(("microsim", "numba", "synthetic_pop"))}
        assert product <= set(allowed), path.stem

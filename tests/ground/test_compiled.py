"""The kernel cache: an edit anywhere in the kernels is noticed, an unwritable cache is survived."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import microsim.ground.compiled as module
import microsim.ground.parts as parts_module
from microsim.ground.compiled import KEPT, KERNEL_FLOORS, _prune, cache_folder, source_digest

SOURCE = Path(module.__file__).read_text()
PARTS = Path(parts_module.__file__).read_text()
HELPER = "from microsim.ground.compiled import compiled\n@compiled\ndef helper(x):\n    return x + {}\n"
KERNEL = (
    "from microsim.ground.compiled import compiled\nfrom microsim.rules.helper import helper\n"
    "@compiled\ndef kernel(x):\n    return 10 * helper(x)\n"
)
SHOW = (
    "from microsim.engine.kernel import kernel; from microsim.ground.compiled import cache_folder;"
    "print(kernel(1), sum(kernel.stats.cache_hits.values()), cache_folder(), sep='|')"
)


def package(root: Path) -> Path:
    """A small package with the same floors and the real decorator."""
    for floor in KERNEL_FLOORS:
        (root / "microsim" / floor).mkdir(parents=True)
    # A regular package, so that it comes before an installed microsim.
    (root / "microsim/__init__.py").touch()
    (root / "microsim/ground/compiled.py").write_text(SOURCE)
    (root / "microsim/ground/parts.py").write_text(PARTS)
    (root / "microsim/rules/helper.py").write_text(HELPER.format(1))
    (root / "microsim/engine/kernel.py").write_text(KERNEL)
    return root / "microsim"


def start(root: Path, cache: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SHOW],
        cwd=root,
        env=dict(os.environ, PYTHONPATH=str(root), NUMBA_CACHE_DIR=str(cache), NUMBA_DISABLE_JIT="0"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def shown(process: subprocess.Popen[str]) -> list[str]:
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out.strip().split("|")


def test_an_edited_helper_in_another_file_is_noticed(tmp_path):
    folder, cache = package(tmp_path), tmp_path / "cache"
    first = shown(start(tmp_path, cache))
    assert first[:2] == ["20", "0"]
    assert Path(first[2]).is_relative_to(cache)
    assert shown(start(tmp_path, cache))[:2] == ["20", "1"]
    (folder / "rules/helper.py").write_text(HELPER.format(2))
    assert shown(start(tmp_path, cache))[0] == "30"


UNKNOWN = {
    "no such module": "from numba.core import gone\n",
    "other arguments": PARTS.replace("pipeline_class=self", "pipeline=self"),
    "another library": PARTS.replace("self._codegen._module_pass_manager", "self._codegen._other"),
}


@pytest.mark.parametrize("parts", UNKNOWN.values(), ids=UNKNOWN)
def test_another_numba_compiles_as_it_does(tmp_path, parts):
    folder, cache = package(tmp_path), tmp_path / "cache"
    (folder / "ground/parts.py").write_text(parts)
    assert shown(start(tmp_path, cache))[:2] == ["20", "0"]
    assert kept(cache) == {"kernel", "helper"}


def kept(cache: Path) -> set[str]:
    """Functions whose machine code is in the cache."""
    return {path.name.split(".")[1].split("-")[0] for path in cache.rglob("*.nbi")}


def test_a_function_called_by_a_compiled_one_is_made_as_a_part_of_it(tmp_path):
    package(tmp_path)
    assert shown(start(tmp_path, tmp_path / "cache"))[0] == "20"
    assert kept(tmp_path / "cache") == {"kernel"}


def test_a_part_raises_and_is_called_by_itself():
    @module.compiled
    def refuses(x, y):
        if y < 0:
            raise ValueError("below zero")
        return x // y

    @module.compiled
    def asks(x, y):
        return 1 + refuses(x, y)

    with pytest.raises(ValueError, match="below zero"):
        asks(4, -1)
    with pytest.raises(ZeroDivisionError):
        asks(4, 0)
    assert asks(4, 2) == 3 and refuses(4, 2) == 2 and asks(4.0, 2.0) == 3.0


def test_processes_may_fill_one_cache_together(tmp_path):
    package(tmp_path)
    together = [start(tmp_path, tmp_path / "cache") for _ in range(3)]
    assert {shown(process)[0] for process in together} == {"20"}


def test_unwritable_cache_falls_back_to_a_temporary_folder(tmp_path):
    package(tmp_path)
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    answer, _, folder = shown(start(tmp_path, blocked))
    assert answer == "20"
    assert not Path(folder).is_relative_to(blocked)
    assert not Path(folder).exists()  # removed when the process ended


def test_machine_code_unused_for_long_goes_but_not_the_latest(tmp_path):
    long_ago = time.time() - 400 * 86400
    for number in range(KEPT + 3):
        old = tmp_path / f"state{number}"
        old.mkdir()
        (old / "code.nbc").touch()
        os.utime(old, (long_ago + number, long_ago + number))
    recent, used = tmp_path / "recent", tmp_path / "used"
    recent.mkdir()
    used.mkdir()
    os.utime(used, (long_ago, long_ago))
    _prune(used)
    # The recent one is among those kept in any case.
    kept = {f"state{number}" for number in range(4, KEPT + 3)}
    assert {path.name for path in tmp_path.iterdir()} == {"used", "recent", *kept}
    assert used.stat().st_mtime > long_ago + 86400
    _prune(tmp_path / "missing")


def test_digest_sees_content_names_and_new_files(tmp_path):
    folder = package(tmp_path)
    seen = {source_digest(folder)}
    (folder / "life/new.py").write_text("")
    seen.add(source_digest(folder))
    (folder / "life/new.py").rename(folder / "life/other.py")
    seen.add(source_digest(folder))
    (folder / "life/other.py").write_text("x = 1\n")
    seen.add(source_digest(folder))
    assert len(seen) == 4
    (folder / "report").mkdir()
    (folder / "report/table.py").write_text("x = 1\n")  # no kernels live there
    assert source_digest(folder) in seen


def test_this_package_uses_its_own_digest():
    assert cache_folder().name == source_digest() or "microsim-kernels-" in cache_folder().name

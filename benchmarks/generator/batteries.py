"""Run test batteries over generators and sequences; append p-values and one summary line for each run.

    python batteries.py BIN SmallCrush all all
    python batteries.py BIN Crush philox kernel
    python batteries.py BIN PractRand-4GB philox,splitmix kernel,seeds

BIN is a folder with the programs `battery`, `stream` and, for PractRand, `RNG_test`.
"""

from __future__ import annotations

import csv
import os
import re
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
GENERATORS = ["philox", "splitmix", "moremur", "additive", "philox2"]
SEQUENCES = [
    "people",
    "people4",
    "clones",
    "months",
    "blocks",
    "kernel",
    "kernel_rev",
    "monthly",
    "seeds",
    "replicates",
]
SUMMARY = ["battery", "generator", "sequence", "statistics", "suspect", "failed", "p_min", "p_max", "cpu_s"]
VALUES = ["battery", "generator", "sequence", "test", "p"]


def append(name: str, header: list[str], rows: list[list[object]]) -> None:
    path = HERE / name
    new = not path.exists()
    with path.open("a", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([header] * new + rows)


def testu01(folder: Path, battery: str, generator: str, sequence: str) -> list[object]:
    """TestU01's own limits: suspect outside [0.001, 0.999], failed outside [1e-10, 1 - 1e-10]."""
    with tempfile.TemporaryFile("w+") as report:
        command = ["bash", "-c", f'exec "$@" 3>&{report.fileno()}', "-", folder / "battery", battery]
        subprocess.run(
            [*command, generator, sequence], stdout=subprocess.DEVNULL, pass_fds=[report.fileno()], check=True
        )
        report.seek(0)
        # Names of tests hold commas: the first three fields and the last are sure.
        rows = []
        for line in report.read().splitlines():
            start, p = line.rsplit(",", 1)
            rows.append([*start.split(",", 3), p])
    append("pvalues.csv", VALUES, rows)
    values = [float(row[4]) for row in rows]
    # Some exact zeros and ones are stored as -1 or rounded: the nearer end decides.
    near = [min(p, 1 - p) for p in values]
    failed = sum(p < 1e-10 for p in near)
    suspect = sum(1e-10 <= p < 1e-3 for p in near)
    return [len(values), suspect, failed, f"{min(values):.3g}", f"{max(values):.6g}"]


def practrand(folder: Path, battery: str, generator: str, sequence: str) -> list[object]:
    """PractRand's own words: in small letters (`unusual`, `suspicious`) suspect, in capitals failed."""
    size = battery.removeprefix("PractRand-")
    words = subprocess.Popen([folder / "stream", generator, sequence], stdout=subprocess.PIPE)
    test = [folder / "RNG_test", "stdin32", "-tlmin", size, "-tlmax", size]
    text = subprocess.run(test, stdin=words.stdout, capture_output=True, text=True, check=True).stdout
    words.kill()
    words.wait()
    last = text[text.rindex("length=") :]
    clean = re.search(r"no anomalies in (\d+) test", last)
    if clean:
        return [int(clean[1]), 0, 0, "", ""]
    rest = re.search(r"\.\.\.and (\d+) test", last)
    marked = re.compile(r"\b(unusual|suspicious|SUSPICIOUS|FAIL)\b")
    lines = [line for line in last.splitlines() if marked.search(line)]
    failed = [line for line in lines if re.search(r"SUSPICIOUS|FAIL", line)]
    print(last, flush=True)
    return [len(lines) + (int(rest[1]) if rest else 0), len(lines) - len(failed), len(failed), "", ""]


def main() -> None:
    folder, battery = Path(sys.argv[1]).resolve(), sys.argv[2]
    generators = GENERATORS if sys.argv[3] == "all" else sys.argv[3].split(",")
    sequences = SEQUENCES if sys.argv[4] == "all" else sys.argv[4].split(",")
    for generator in generators:
        for sequence in sequences:
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            run = practrand if battery.startswith("PractRand") else testu01
            found = run(folder, battery, generator, sequence)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            row = [battery, generator, sequence, *found, f"{spent:.1f}"]
            append("results.csv", SUMMARY, [row])
            print(*row, flush=True)


if __name__ == "__main__":
    os.nice(19)
    main()

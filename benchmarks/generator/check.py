"""The C streams hold the same words as the numba functions: `python check.py BIN` (C programs)."""

from __future__ import annotations

import subprocess
import sys
from itertools import islice
from pathlib import Path

import numpy as np
from batteries import SEQUENCES
from candidates import BLOCKS, sequence

WORDS = 1 << 17


def main() -> None:
    different = 0
    for generator, block in BLOCKS.items():
        for name in SEQUENCES:
            command = [Path(sys.argv[1]) / "stream", generator, name]
            with subprocess.Popen(command, stdout=subprocess.PIPE) as stream:
                ours = np.frombuffer(stream.stdout.read(4 * WORDS), dtype="<u4")
                stream.kill()
            theirs = np.fromiter(islice(sequence(name, block), WORDS), dtype=np.int64, count=WORDS)
            if not np.array_equal(ours, theirs):
                different += 1
                print(f"DIFFERENT: {generator} {name}")
    equal = len(BLOCKS) * len(SEQUENCES) - different
    print(f"{equal} streams equal over {WORDS} words, {different} different")
    sys.exit(different > 0)


if __name__ == "__main__":
    main()

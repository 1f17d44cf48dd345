"""Execute the notebooks in place: `python docs/make_notebooks.py`."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parent / "notebooks"


def executed(path: Path) -> nbformat.NotebookNode:
    """The notebook with the outputs of its cells. Raises CellExecutionError where a cell fails."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3", record_timing=False).execute()
    return notebook


if __name__ == "__main__":
    for one in sorted(FOLDER.glob("*.ipynb")):
        nbformat.write(executed(one), one)
        print(one)

"""How trees of parameters travel between processes: as the documents that manifests hold."""

from __future__ import annotations

import copyreg
from typing import Any

from microsim.ground.parameters import Parameters


def _written(tree: Parameters) -> tuple[Any, tuple[Any, str]]:
    return _read, (tree.to_document(), tree.digest())


def _read(document: Any, digest: str) -> Parameters:
    tree = Parameters.from_document(document, "parameters sent to a worker")
    assert tree.digest() == digest, "parameters changed on their way to a worker"
    return tree


copyreg.pickle(Parameters, _written)

"""JSON documents read from files with their shape checked, in the words of pydantic and without its models.

Importing those would nearly double the time of `microsim compare`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic_core import SchemaValidator, ValidationError
from pydantic_core import core_schema as schemas

from microsim.ground.errors import InputError

Shape = schemas.CoreSchema


def keys(required: Mapping[str, Shape], **others: Shape) -> Shape:
    """A mapping with the required keys; others that it may have are of these shapes, or of any."""
    fields = {key: schemas.typed_dict_field(one) for key, one in required.items()}
    fields |= {key: schemas.typed_dict_field(one, required=False) for key, one in others.items()}
    return schemas.typed_dict_schema(fields)


def read_shaped(
    file: Path, what: str, shape: Shape | Callable[[Any], Shape], *, fix: str | None = None, context: Any = None
) -> Any:
    """What a JSON file holds. Raises InputError, in one line, for one that cannot be read or has another shape.

    `what` is expected; `shape` may depend on the content, and `context` is for its own validators.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        known = shape(content) if callable(shape) else shape
        SchemaValidator(known).validate_python(content, strict=True, context=context)
    except OSError as error:
        raise InputError(file, None, error.strerror, what, fix=fix) from None
    except ValidationError as error:
        # Slow to import, and of use for a damaged document alone.
        from microsim.ground.parameters.checking import validation_problems

        first = validation_problems(error, None, str(file), "", {})[0]
        raise InputError(file, first.key, first.value, first.expected, fix=fix) from None
    except (ValueError, RecursionError):
        raise InputError(file, None, "no JSON", what, fix=fix) from None
    return content

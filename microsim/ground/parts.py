"""Compiled functions that call each other: only the outermost is made into machine code.

Numba optimises every function in full, makes machine code of it, a wrapper for Python and a file in the
cache, and then does the same again in each function around it. Here a function called by a compiled one
is lowered as a part of it: simplified for inlining, and optimised once, within the whole. That takes less
than half of the time, for the same code.

This leans on numba's insides. Where they are other than known, functions are compiled as numba does.
"""

# Numba's insides are typed in part only.
# mypy: ignore-errors

from __future__ import annotations

from typing import Any, NamedTuple

from numba.core import compiler, sigutils, typing
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import CPUDispatcher

_UNKNOWN = (AttributeError, ImportError, TypeError)
"""What another numba raises: its own errors in the code compiled are others."""


class Part(JITCodeLibrary):
    """Code of a function that is only linked into others, never run where it is."""

    def _optimize_final_module(self) -> None:
        passes, builder = self._codegen._module_pass_manager(
            loop_vectorize=False, slp_vectorize=False, opt=0, cost="cheap"
        )
        passes.run(self._final_module, builder)

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._verify_declare_only_symbols()
        self._finalized = True


class _Made(NamedTuple):
    key: object
    """By which numba finds the code."""
    signature: Any


class Kernel(CPUDispatcher):
    """A function that Python or another compiled function calls, and is then a part of."""

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """See numba: what a call with these types in a compiled function comes to."""
        plain, given = (args, kws), self.__dict__.setdefault("_made", {})
        try:
            pysig, args = self._compiler.fold_argument_types(args, kws)
            made = given.get(args) or self._part(args)
        except _UNKNOWN:
            return super().get_call_template(*plain)
        given[args] = made
        name = self.py_func.__name__
        template = typing.make_concrete_template(f"CallTemplate({name})", name, [made.signature])
        return template, pysig, args, {}

    def get_overload(self, sig: Any) -> Any:
        """See numba: the key of the code that such a call runs."""
        args, _ = sigutils.normalize_signature(sig)
        made = self.__dict__.get("_made", {}).get(args)
        return super().get_overload(sig) if made is None else made.key

    def _part(self, args: Any) -> _Made:
        with global_compiler_lock:
            flags = compiler.Flags()
            self.targetdescr.options.parse_as_flags(flags, self.targetoptions)
            flags.no_compile = flags.no_cpython_wrapper = flags.no_cfunc_wrapper = True
            result = compiler.compile_extra(
                self.typingctx, self.targetctx, self.py_func, args, None, flags, self.locals,
                library=Part(self.targetctx.codegen(), self.py_func.__qualname__),
                pipeline_class=self._compiler.pipeline_class,
            )  # fmt: skip
            result.library.finalize()
            made = _Made(object(), result.signature)
            self.targetctx.insert_user_function(made.key, result.fndesc, [result.library])
            return made

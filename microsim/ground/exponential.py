"""Exponential numbers from words, in whole numbers alone.

Floating-point logarithms differ between machines in the last place; these do not.
"""

from __future__ import annotations

from microsim.ground.compiled import compiled
from microsim.ground.draws import ONE

_FRACTION = 48
EXPONENTIAL_ONE = 1 << _FRACTION
"""The mean."""
_BITS = 30
"""Of the logarithm, after the point"""
_LOG_2_BITS = 28
_LOG_2 = 186065279
"""Natural logarithm of 2 in 2**-28."""


@compiled
def exponential(word):
    """A whole number in 2**-48 from the exponential distribution of mean 1, the least for the least words.

    Minus the logarithm of what lies above the word, found bit by bit by squaring; right to about 1e-9.
    """
    above = ((ONE - word) << 1) - 1
    whole = 32
    while above >> whole == 0:
        whole -= 1
    mantissa = above >> (whole - _BITS) if whole >= _BITS else above << (_BITS - whole)
    part = 0
    for _ in range(_BITS):
        mantissa = mantissa * mantissa >> _BITS
        part <<= 1
        if mantissa >> (_BITS + 1):
            mantissa >>= 1
            part += 1
    # `above` is out of 2**33.
    bits = (33 << _BITS) - (whole << _BITS) - part
    return bits * _LOG_2 >> (_BITS + _LOG_2_BITS - _FRACTION)

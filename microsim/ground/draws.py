"""Keyed random numbers: every draw is a pure function of its name.

A draw is named by (seed, replicate, person id, month, event), never by order,
position or policy, so two arms of a run meet the same luck wherever their
probabilities agree. The generator is Philox4x32-10 (Salmon and others, 2011);
`docs/generator.md` says why. An event is one 32-bit word of one block:
`event = 4 * block + word`. Numbers are fixed for ever; new events are
appended, retired ones are never reused.
"""

from __future__ import annotations

from microsim.ground.compiled import compiled
from microsim.ground.philox import philox4x32

ONE = 1 << 32
"""A certain event: thresholds run from 0 to ONE, an event happens when word < threshold."""

LASTING = (1 << 31) - 1
"""Reserved month of a person's lasting traits."""

SCREEN_HEALTH = 0
SCREEN_LIFE = 1

DEATH = 0
OVERDOSE = 1
SUBSTANCE = 2
OPIOID = 3

WORK = 4
COVER = 5
HOME = 6
SPOUSE = 7

DRUG = 8
COVERAGE_STOP = 9
EXIT_DESTINATION = 10

WITNESSED = 12
NALOXONE = 13
AMBULANCE = 14
FATAL = 15

OVERDOSE_TREATED = 16
CESSATION = 17
EARNINGS = 18
WORK_CLASS = 19

EX_PARTE_MIX = 20
EX_PARTE = 21
RESPONSE_MIX = 22
RESPONSE = 23

RENEWAL_INELIGIBLE = 24
CLEARED_MIX = 25
CLEARED = 26
DOCUMENT = 27

APPLY = 28
DESTINATION = 29
IMPAIRED = 30
HOME_DETAIL = 31

DISORDER_IMPAIRS = 32
DIRECT = 33
PARENT = 34
FULL_PRICE = 35

INPATIENT = 36
MEDICAL_TRAVEL = 37
DISASTER = 38
HEARING = 39

TRAIT_RESPONSE = 0
TRAIT_VISIBILITY = 1
TRAIT_DIAGNOSED = 2
TRAIT_DETERRED = 3
TRAIT_PROGRAMME = 4
TRAIT_GROUP = 5
TRAIT_COUNTY = 6
TRAIT_SPOUSE = 7
TRAIT_DEGREE = 8
TRAIT_VETERAN = 9
TRAIT_SPOUSE_PAY = 10
TRAIT_RESPONDS = 11
TRAIT_TOLERANCE = 12


@compiled
def block(key, month, number):
    """Four words of one block of a person's month.

    `key` is (person id low 32 bits, high 32 bits, key word 0, key word 1); words are
    integers in [0, 2**32).
    """
    return philox4x32(key[0], key[1], month, number, key[2], key[3])


@compiled
def word(key, month, event):
    """The word of one event of a person's month, an integer in [0, 2**32)."""
    return block(key, month, event >> 2)[event & 3]


@compiled
def resident_word(number, event):
    """The word of a trait that belongs to the resident of that person id as race or sex does: no seed moves it."""
    return word((number & (ONE - 1), number >> 32, 0, 0), LASTING, event)

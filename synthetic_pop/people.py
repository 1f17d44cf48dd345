"""A person from an id: every attribute beyond the cell, drawn by key."""

from __future__ import annotations

import numpy as np

from microsim.ground.compiled import compiled
from microsim.ground.draws import LASTING
from microsim.ground.philox import philox4x32
from microsim.ground.schema import FLAG, MONTHS_CAP, NEVER, POPULATION_MONTH
from synthetic_pop.margins import INMATE, C

FAMILY = 1 << 40
"""Replicate number set aside for the population, apart from those of runs."""
_MONTH = LASTING - 1
_BLOCKS = 13
_NOW, _NEVER = POPULATION_MONTH, NEVER
_GROUP, _WAIVER, _OTHER_ADULT = C["adult_group"], C["waiver_adult"], C["other_adult"]
_DISABLED, _DUAL, _MEDICARE, _CHILD = C["disabled"], C["dual"], C["medicare"], C["child"]
_INMATE = INMATE
_NONE = 255
# Numbers from other files reach compiled code through the tables, but for schema codes: machine code is
# kept per state of the ground floor's sources, and would not notice a change elsewhere.
F_DISABLED, F_IMPAIRED, F_SMI, F_COMPLEX = (
    FLAG["disabled"],
    FLAG["impaired"],
    FLAG["smi"],
    FLAG["complex_condition"],
)
F_VETERAN, F_TOTAL, F_AIAN, F_FOSTER = (
    FLAG["veteran"],
    FLAG["veteran_total"],
    FLAG["aian"],
    FLAG["foster_youth"],
)
F_STUDENT, F_CAREGIVER, F_SNAP, F_SUBJECT = (
    FLAG["student"],
    FLAG["caregiver"],
    FLAG["snap"],
    FLAG["snap_subject"],
)
F_TANF, F_CITIZEN, F_INMATE, F_SPOUSE_WORKS = (
    FLAG["tanf"],
    FLAG["citizen"],
    FLAG["inmate"],
    FLAG["spouse_works"],
)
F_INTERNET, F_LIMITED, F_RURAL, F_INJECTS = (
    FLAG["internet"],
    FLAG["limited_english"],
    FLAG["rural"],
    FLAG["injects"],
)
F_WORKING, F_VOLUNTEER, F_YOUNG, F_SPOUSE = (
    FLAG["working"],
    FLAG["volunteer"],
    FLAG["medicare_young"],
    FLAG["has_spouse"],
)


@compiled
def _uniforms(person, k0, k1, out):  # pragma: no cover
    for b in range(_BLOCKS):
        w0, w1, w2, w3 = philox4x32(person & 0xFFFFFFFF, person >> 32, _MONTH, b, k0, k1)
        out[4 * b] = (w0 + 0.5) / 4294967296.0
        out[4 * b + 1] = (w1 + 0.5) / 4294967296.0
        out[4 * b + 2] = (w2 + 0.5) / 4294967296.0
        out[4 * b + 3] = (w3 + 0.5) / 4294967296.0


@compiled
def _level(row, u):  # pragma: no cover
    """First level whose cumulative share exceeds u."""
    for i in range(row.size):
        if u < row[i]:
            return i
    return row.size - 1


@compiled
def _search(cumulative, low, high, value):  # pragma: no cover
    """First index in [low, high) whose cumulative value exceeds `value`, at most high - 1."""
    end = high - 1
    while low < end:
        middle = (low + end) >> 1
        if cumulative[middle] > value:
            end = middle
        else:
            low = middle + 1
    return low


@compiled
def _money(row, u):  # pragma: no cover
    """Value at rank u between the quantile means of a row, capped to 16 bits."""
    place = u * row.size - 0.5
    if place <= 0.0:
        value = row[0] * (0.5 + u * row.size) if row.size > 0 else 0.0
    elif place >= row.size - 1:
        value = row[row.size - 1]
    else:
        i = int(place)
        value = row[i] + (place - i) * (row[i + 1] - row[i])
    return min(max(value, 0.0), 65000.0)


@compiled
def _band(value, edges, low, high):  # pragma: no cover
    """How many of edges[low:high] a value reaches."""
    band = 0
    for i in range(low, high):
        if value >= edges[i]:
            band += 1
    return band


@compiled
def _odds(chance, ratio):  # pragma: no cover
    """Chance after its odds are multiplied."""
    return chance * ratio / (1.0 - chance + chance * ratio)


@compiled
def fill(
    ids, cells, state, key0, key1, sums, start, entry_fine, entry_type, given, race_table, t, n, places, o
):  # pragma: no cover
    """Write the attributes of people `ids` of cells `cells` of one state into the columns `o`.

    `sums` (3, entries) running weights of entries for people without a disorder, with another
    disorder and with opioid use disorder; `start` their ranges by (kind, group, sex); `given` (n, 2)
    fine age and type known already, or no rows; `race_table` of `race_of_state`; `t`, `n`, `places` the
    tables, numbers and state tables of `lookup`.
    """
    u = np.empty(4 * _BLOCKS)
    kinds = t.klass.size
    classes = t.opioid.size
    ages = places.ages[state]
    race_young = places.race_children[state]
    smi_base = places.smi[state]
    veterans = places.veteran[state]
    for i in range(ids.size):
        _uniforms(ids[i], key0, key1, u)
        cell = cells[i]
        klass = cell % classes
        kind = (cell // classes) % kinds
        sex = (cell // (classes * kinds)) % 2
        group = cell // (classes * kinds * 2)
        band = t.band[group]
        survey = t.klass[kind]
        opioid = t.opioid[klass]
        oud = 1 <= opioid <= 6
        variant = 2 if oud else (1 if t.has_other[klass] else 0)
        medicaid = t.covered[kind] or kind == _CHILD
        flags = 0

        # Type and age.
        where = (kind * (t.group_low.size - 1) + group) * 2 + sex
        low, high = start[where], start[where + 1]
        before = sums[variant, low - 1] if low > 0 else 0.0
        row = _search(sums[variant], low, high, before + u[0] * (sums[variant, high - 1] - before))
        fine, code = entry_fine[row], entry_type[row]
        if given.shape[0] > 0:
            fine, code = given[i, 0], given[i, 1]
        income = code % t.shape[5]
        work = (code // t.shape[5]) % t.shape[4]
        kids = (code // (t.shape[5] * t.shape[4])) % t.shape[3]
        spouse = (code // (t.shape[5] * t.shape[4] * t.shape[3])) % t.shape[2]
        difficulty = (code // (t.shape[5] * t.shape[4] * t.shape[3] * t.shape[2])) % t.shape[1]
        educ = code // (t.shape[5] * t.shape[4] * t.shape[3] * t.shape[2] * t.shape[1])
        first, last = t.group_low[group], t.group_low[group + 1]
        if group >= 3:
            first, last = max(first, t.fine_start[fine]), min(last, t.fine_start[fine + 1])
        point = ages[sex, first] + u[1] * (ages[sex, last] - ages[sex, first])
        age = _search(ages[sex], first + 1, last + 1, point) - 1
        adult = age >= 18
        child = group < 3
        o.birth_month[i] = _NOW - 12 * age - int(12.0 * u[2])
        age3 = t.age3[fine]
        married = 1 if spouse > 0 else 0
        poor = income <= 2

        # Race, citizenship, language.
        if child:
            rc = _level(race_young[survey], u[3])
            difficulty = 1 if u[4] < t.disability_children[survey, 0 if age < 18 else 1, sex] else 0
        else:
            rc = _level(race_table[survey, age3, educ, t.income3[income], married], u[3])
        race, citizen = rc // 2, rc % 2
        if citizen == 1:
            flags |= F_CITIZEN
        if u[5] < t.english[race, citizen, educ]:
            flags |= F_LIMITED
        if u[6] < t.aian[race]:
            flags |= F_AIAN

        # Household.
        size, child_month = 1 + married, _NEVER
        if child:
            size = max(_level(t.size_children[survey], u[7]), 1)
        elif kids > 0:
            size += max(_level(t.children[kids, age3, married, survey], u[7]), 1)
            years = _level(t.youngest[kids, fine, sex], u[8])
            child_month = _NOW - 12 * years - int(12.0 * u[9])
        since_birth = _NOW - child_month if child_month != _NEVER else 9999

        # Work.
        service = n.service_medicaid if medicaid else n.service_other
        if work == 3:
            steady = 0 if u[10] >= service else 1
        elif work == 2:
            steady = 1
        else:
            steady = 2
        if kind == _INMATE:
            steady = 2
        business = u[11] < t.business[survey, educ, work, t.income3[income]] if work > 0 else False
        job = 0
        if work > 0 and kind != _INMATE:
            job = 2 if business else 1
            if job == 1 and steady == 1 and u[12] < n.seasonal:
                job = 3
        working = u[13] < t.work_at_80[steady] and age >= 16
        if working and adult:
            flags |= F_WORKING
        if work == 1:
            hours = min(5 * _level(t.short_hours[educ], u[14]) + int(5.0 * u[15]), 79)
        elif work > 1 and u[14] >= n.no_hours:
            hours = int(80.0 * u[15])
        else:
            hours = 0

        # Money.
        size3 = min(size, 3)
        if work >= 2:
            wage = _money(t.pay[work, income, spouse, size3, educ, t.pay_age[fine], sex], u[16])
        else:
            wage = _money(t.pay_entry[educ, sex], u[16])
        pay = _band(wage, t.pay_edges, 0, 4) + 1 if work >= 2 else 0
        spouse_wage, pair = 0.0, spouse
        if spouse == 2:
            spouse_wage = _money(t.spouse_pay[income, pay, educ, sex], u[17])
            pair = 2 + _band(spouse_wage, t.pay_edges, 1, 3)
        other = 0.0 if child else _money(t.other_income[income, pay, pair, age3, sex], u[18])
        if kind in (_GROUP, _WAIVER, _OTHER_ADULT):
            limit = n.limit if kind != _WAIVER else n.limit_waiver
            top = limit * (n.guideline_first + n.guideline_further * (size - 1)) / 12.0
            now = (wage if working else 0.0) + spouse_wage + other
            if now > top and u[19] >= n.over_limit:
                factor = top * (n.least_income + (1.0 - n.least_income) * u[20]) / now
                wage, spouse_wage, other = wage * factor, spouse_wage * factor, other * factor
        if spouse > 0 and not child:
            flags |= F_SPOUSE
            if spouse == 2:
                flags |= F_SPOUSE_WORKS

        # Substance use.
        stimulant, alcohol, cannabis = 0, 0, 0
        adult_rates = t.disorders[group, sex, 1 if medicaid else 0]
        if oud:
            stimulant = 1 if u[21] < t.co_use[0] else 0
            alcohol = 1 if u[22] < t.co_use[1] else 0
            cannabis = 1 if u[23] < t.co_use[2] else 0
        elif t.has_other[klass] == 1:
            more = t.stimulant_cover[kind] * t.stimulant_education[educ] * (n.stimulant_poor if poor else 1.0)
            if u[21] < _odds(n.stimulant_only, more):
                stimulant = 1
            else:
                only_cannabis = max(1.0 - n.alcohol_factor * adult_rates[0] / adult_rates[2], 0.0)
                only_alcohol = max(1.0 - n.cannabis_factor * adult_rates[1] / adult_rates[2], 0.0)
                alcohol = 0 if u[22] < only_cannabis else 1
                cannabis = 0 if only_cannabis <= u[22] < only_cannabis + only_alcohol else 1
                stimulant = 1 if u[23] < _odds(n.stimulant_also, more) else 0
        ever = False
        if adult:
            if stimulant == 1 and u[24] < t.treated[0]:
                stimulant = 2
            if alcohol == 1 and u[25] < t.treated[1]:
                alcohol = 2
            if cannabis == 1 and u[26] < t.treated[2]:
                cannabis = 2
            if stimulant == 0 and u[24] < t.past[0]:
                stimulant, ever = 3, True
            if alcohol == 0 and u[25] < t.past[1]:
                alcohol, ever = 3, True
            if cannabis == 0 and u[26] < t.past[2]:
                cannabis, ever = 3, True
        active = oud or t.has_other[klass] == 1
        ever = ever or opioid == 7
        since_disorder = min(_search(t.recovery, 1, t.recovery.size, u[27]), MONTHS_CAP)
        recovery = since_disorder if ever and not active else _NONE
        months = _NONE
        if 3 <= opioid <= 5:
            months = _search(t.tenure[opioid - 3], 1, t.tenure.shape[1], u[28])
        elif opioid == 6:
            months = 1 + _level(t.left_month, u[28])
        elif opioid == 7:
            # Its own date, as another disorder may be active beside it.
            months = since_disorder
        overdose = _NONE
        if oud:
            chance = n.overdose_medication if 3 <= opioid <= 5 else n.overdose_active
            if u[29] < chance:
                overdose = int(12.0 * u[30])
            if (opioid <= 2 or opioid == 6) and u[31] < n.injects:
                flags |= F_INJECTS

        # Health.
        limited = difficulty == 1 and u[32] < n.limited_daily
        if (kind in (_DISABLED, _DUAL, _MEDICARE)) and group < 8:
            limited = True
        if limited:
            flags |= F_DISABLED
        if (kind in (_DUAL, _MEDICARE)) and group < 8:
            flags |= F_YOUNG
        smi = False
        if adult:
            chance = _odds(n.smi_base * smi_base, n.smi_medicaid if medicaid else 1.0)
            chance = _odds(chance, n.smi_sud if active else 1.0)
            chance = _odds(chance, n.smi_young if age < 35 else 1.0)
            smi = u[33] < chance
            if smi:
                flags |= F_SMI
            ill = u[35] < (n.complex_disabled if limited else t.complex_condition[band])
            if ill:
                flags |= F_COMPLEX
            chance = n.impaired_none
            if limited:
                chance = n.impaired_disabled
            elif smi:
                chance = n.impaired_smi
            elif oud:
                chance = n.impaired_oud
            elif ill:
                chance = n.impaired_complex
            elif active:
                chance = n.impaired_other
            if u[34] < chance:
                flags |= F_IMPAIRED
        pregnancy = 0
        if sex == 0 and n.birth_from <= age < n.birth_to:
            births = t.birth_rate[max(fine, 2), survey]
            if kind == _OTHER_ADULT:
                births *= n.pregnancy_other
            elif kind in (_GROUP, _WAIVER):
                births *= n.pregnancy_group
            if child:
                births *= 0.0 if age < 18 else n.pregnancy_18
            if since_birth < 12:
                pregnancy = 10 + since_birth
            elif u[36] < n.pregnancy_months / 12.0 * births:
                pregnancy = 1 + int(n.pregnancy_months * u[37])

        # Standing before the rule.
        if adult and kind != _INMATE:
            if not child and u[38] < veterans * t.veteran[survey, age3, sex, educ, difficulty]:
                flags |= F_VETERAN
                if u[39] < n.veteran_total:
                    flags |= F_TOTAL
            chance = t.student[band] * t.student_factor[kind] * (n.student_work if work == 3 else 1.0)
            if u[40] < chance:
                flags |= F_STUDENT
            if age < 65 and u[41] < (n.caregiver_idle if work == 0 else n.caregiver_working):
                flags |= F_CAREGIVER
            if u[42] < n.volunteer:
                flags |= F_VOLUNTEER
        chance = n.foster * (n.foster_medicaid if medicaid else 1.0) * (n.foster_child if child else 1.0)
        if age < n.foster_to and u[43] < chance:
            flags |= F_FOSTER
        snap = u[44] < t.snap[kind] * (1.0 if poor or child else n.snap_above)
        if snap:
            flags |= F_SNAP
            bound = 18 <= age < n.snap_subject_to and not limited and kids != 1 and pregnancy == 0
            if bound and u[45] < n.snap_subject:
                flags |= F_SUBJECT
        if kind == _OTHER_ADULT and kids > 0 and income == 0 and work == 0 and u[46] < n.tanf:
            flags |= F_TANF
        if u[47] < (n.internet_low if poor else n.internet_high):
            flags |= F_INTERNET
        if u[48] < n.rural:
            flags |= F_RURAL
        release = _NONE
        if kind == _INMATE:
            flags |= F_INMATE
        elif 19 <= age < 65:
            chance = t.release[kind] * (n.release_male if sex == 1 else 2.0 - n.release_male)
            if u[49] < _odds(chance, n.release_oud if oud else 1.0):
                release = int(12.0 * u[50])

        o.sex[i], o.race[i], o.education[i] = sex, race, educ
        o.household_size[i] = min(size, 20)
        o.child_birth_month[i] = child_month
        o.wage[i], o.spouse_wage[i], o.other_income[i] = int(wage), int(spouse_wage), int(other)
        o.short_hours[i], o.work_class[i], o.job[i] = hours, steady, job
        o.cover[i] = kind if kind != _INMATE else kinds - 2
        o.opioid[i], o.stimulant[i], o.alcohol[i], o.cannabis[i] = opioid, stimulant, alcohol, cannabis
        o.treatment_months[i], o.recovery_months[i] = months, recovery
        o.overdose_months[i], o.pregnancy_months[i], o.release_months[i] = overdose, pregnancy, release
        o.renewal_offset[i] = int(12.0 * u[51])
        o.flags[i] = flags

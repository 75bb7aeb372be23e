"""Numbers, ordinals, months, weekdays and units of time, as words."""

import re

from bot.domain.periods.days import Unit

_ONES = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
_MORE = {"eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60}
_MORE |= {"seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100}
NUMBERS = {word: number for number, word in enumerate(_ONES.split(), start=1)} | _MORE
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
ORDINALS = {word: number for number, word in enumerate(_ORDINALS.split(), start=1)}

_MONTHS = "january february march april may june july august september october november december"
MONTHS = {name: number for number, name in enumerate(_MONTHS.split(), start=1)}
# "may" is short already, and "sept" is as common as "sep".
MONTHS |= {name[:3]: number for name, number in MONTHS.items()} | {"sept": 9}
# As French, Italian, German and Spanish colleagues write them in English sentences.
_ELSEWHERE = (
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
)
MONTHS |= {name: number for names in _ELSEWHERE for number, name in enumerate(names.split(), start=1)}
MONTHS |= {"fevrier": 2, "fév": 2, "avr": 4, "juil": 7, "aout": 8, "déc": 12, "decembre": 12, "maerz": 3, "okt": 10}
MONTHS |= {"dez": 12}
_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday"
WEEKDAYS = {name: number for number, name in enumerate(_WEEKDAYS.split())}
WEEKDAYS |= {name[:3]: number for name, number in WEEKDAYS.items()} | {"tues": 1, "thur": 3, "thurs": 3}
UNITS = {word: unit for unit in Unit for word in (unit.value, f"{unit.value}s")}
# Lengths of time that are several of a unit.
LENGTHS = {"fortnight": (2, Unit.WEEK), "fortnights": (2, Unit.WEEK), "decade": (10, Unit.YEAR)}
LENGTHS |= {"semester": (6, Unit.MONTH), "trimester": (3, Unit.MONTH)}
LENGTHS |= {word: (1, unit) for word, unit in UNITS.items()}

_DIGITS = re.compile(r"[0-9]{1,5}")
_ORDINAL = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th|er)")


def number_in(word: str) -> int | None:
    """Read a number, in digits or as a word."""
    return int(word) if _DIGITS.fullmatch(word) else NUMBERS.get(word)


def ordinal_in(word: str) -> int | None:
    """Read an ordinal, ``3rd`` or ``third``."""
    found = _ORDINAL.fullmatch(word)
    return int(found[1]) if found else ORDINALS.get(word)


def day_number_in(word: str) -> int | None:
    """Read the number of a day in its month, ``3``, ``3rd`` or ``third``."""
    return int(word) if re.fullmatch(r"[0-9]{1,2}", word) else ordinal_in(word)

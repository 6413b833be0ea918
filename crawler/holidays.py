"""When Vietnam's offices are closed: Tết and the public holidays of the Labour Code 2019, article 112."""

from __future__ import annotations

import datetime as dt

# First day of the lunar year and the tenth of its third month (Hùng Kings), as reckoned for UTC+7:
# in 2030 the year begins a day before China's. Computed with Meeus, Astronomical Algorithms (new
# moons, chapter 49; longitude of the sun, chapter 25).
_TET = (
    "2015-02-19 2016-02-08 2017-01-28 2018-02-16 2019-02-05 2020-01-25 2021-02-12 2022-02-01 "
    "2023-01-22 2024-02-10 2025-01-29 2026-02-17 2027-02-06 2028-01-26 2029-02-13 2030-02-02 "
    "2031-01-23 2032-02-11 2033-01-31 2034-02-19 2035-02-08 2036-01-28 2037-02-15 2038-02-04 "
    "2039-01-24 2040-02-12"
)
_HUNG_KINGS = (
    "2015-04-28 2016-04-16 2017-04-06 2018-04-25 2019-04-14 2020-04-02 2021-04-21 2022-04-10 "
    "2023-04-29 2024-04-18 2025-04-07 2026-04-26 2027-04-16 2028-04-04 2029-04-23 2030-04-12 "
    "2031-04-01 2032-04-19 2033-04-09 2034-04-28 2035-04-17 2036-04-06 2037-04-24 2038-04-13 "
    "2039-04-03 2040-04-20"
)
# Offices close a day or two before the eve and open five or six days later; which days exactly is
# announced each year.
_BEFORE_TET = 2
_AFTER_TET = 5
# New Year, Reunification and Labour Day, National Day with a day beside it.
_FIXED = {(1, 1), (4, 30), (5, 1), (9, 1), (9, 2)}


def _closed() -> frozenset[dt.date]:
    days = {dt.date.fromisoformat(text) for text in _HUNG_KINGS.split()}
    for text in _TET.split():
        first = dt.date.fromisoformat(text)
        days |= {first + dt.timedelta(days=n) for n in range(-_BEFORE_TET, _AFTER_TET + 1)}
    return frozenset(days)


_MOVABLE = _closed()


def is_holiday(day: dt.date) -> bool:
    """Whether offices are closed on this day, week-ends apart. Of years beyond 2015 to 2040 only the
    holidays with a fixed date are known."""
    return (day.month, day.day) in _FIXED or day in _MOVABLE

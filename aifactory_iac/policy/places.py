"""Countries and the groups of countries that residency names (ISO 3166-1 alpha-2).

EU: the 27 member states since 2020-02-01 (European Union, country profiles). EEA: the EU with
Iceland, Liechtenstein and Norway (EFTA, EEA Agreement).
"""

from __future__ import annotations

from collections.abc import Iterable

# fmt: off
EU = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
    "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
})
# fmt: on
EEA = EU | {"IS", "LI", "NO"}
_GROUPS = {"EU": EU, "EEA": EEA}


def within(country: str, places: Iterable[str]) -> bool:
    """Whether a country is one of the places, or in one of the groups; `ANY` admits all."""
    return any(
        place in (country, "ANY") or country in _GROUPS.get(place, frozenset()) for place in places
    )

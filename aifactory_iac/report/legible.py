r"""Text of others made harmless where it is shown: it can neither move a cursor nor hide itself.

Names and messages quote what a document says, and YAML can write any character (`"\e[2J"`). Each
character that acts instead of showing is replaced by exactly one that shows, so columns keep their
places.
"""

from __future__ import annotations

_REPLACEMENT = 0xFFFD
_PICTURES = 0x2400
_MAP = {code: _PICTURES + code for code in range(0x20) if chr(code) not in "\t\n"}
_MAP[0x7F] = 0x2421
_MAP |= dict.fromkeys(range(0x80, 0xA0), _REPLACEMENT)
# Marks that reorder text, so that it would read otherwise than it is written.
_MAP |= dict.fromkeys((0x061C, 0x200E, 0x200F), _REPLACEMENT)
_MAP |= dict.fromkeys(range(0x2028, 0x202F), _REPLACEMENT)
_MAP |= dict.fromkeys(range(0x2066, 0x206A), _REPLACEMENT)
# Bytes of a command line that are not UTF-8, which Python keeps as lone surrogates.
_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), _REPLACEMENT)
_MAP |= _SURROGATES
_NOT_IN_XML = {0xFFFE: _REPLACEMENT, 0xFFFF: _REPLACEMENT}
_ONE_LINE = _MAP | {ord("\t"): ord(" "), ord("\n"): ord(" ")}


def legible(text: str) -> str:
    """The text with `␛` for an escape and `�` for what reorders; tabs and newlines stay."""
    return text if text.isascii() and text.isprintable() else text.translate(_MAP)


def one_line(text: str) -> str:
    """As `legible`, on one line: a space for each tab and newline."""
    return text if text.isascii() and text.isprintable() else text.translate(_ONE_LINE)


def xml_text(text: str) -> str:
    """As `legible`, without the two characters besides that XML 1.0 cannot hold."""
    return legible(text).translate(_NOT_IN_XML)


def scalar_values(text: str) -> str:
    """Without lone surrogates, which no UTF-8 file can hold; all else as it is."""
    return text if text.isascii() else text.translate(_SURROGATES)

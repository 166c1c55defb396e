"""The values that events are made of."""

import re
import sys

from service.domain.values import ALLOWED


def test_what_text_may_hold() -> None:
    """Of all characters those alone are refused that JSON, a line of the log or Unicode gives no place to."""
    refused = {chr(code) for code in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, *range(0xD800, 0xE000))}
    refused |= {chr(code) for code in range(0xFDD0, 0xFDF0)} - {"\n"}
    refused |= {chr(plane << 16 | last) for plane in range(0x11) for last in (0xFFFE, 0xFFFF)}
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    assert set(re.sub(ALLOWED, "", every)) == refused - {"\n"}

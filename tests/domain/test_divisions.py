"""Division codes: what the table says of itself, and what it refuses."""

from datetime import date

import pytest

from service.domain.divisions import contradicted, divisions
from service.domain.party.identity import malformed
from service.domain.values import UncertainDate


def test_the_table_is_whole() -> None:
    """Codes are well formed and stand under their parents; one code is one division at a time."""
    for one in divisions():
        assert malformed("division_code", one.code) is None
        assert one.kind == (
            "province" if one.code.endswith("0000") else "city" if one.code.endswith("00") else "county"
        )
        if one.parent is None:
            assert one.kind == "province"
        else:
            width = 2 if one.kind == "city" else 4
            assert one.parent == one.code[:width].ljust(6, "0")
            assert any(parent.code == one.parent for parent in divisions())
        assert one.since is None or one.until is None or one.since < one.until
    codes = [one.code for one in divisions()]
    assert len(codes) == len(set(codes))
    assert sum(one.kind == "city" and one.until is None for one in divisions()) == 16


@pytest.mark.parametrize(
    ("code", "kind", "name"),
    [
        ("370100", "city", "济南市"),
        ("370100", "city", "山东省濟南市"),
        ("370100", "city", "济南"),
        ("370113", "county", "长清区"),
        ("370113", "county", "济南市长清区"),
        ("370113", "county", "长清"),
        ("370983", "county", "肥城市"),
        ("370983", "city", "肥城市"),
        ("371522", "county", "莘县"),
        ("330100", "city", "杭州市"),
        ("370402", "county", "市中区"),
        ("370113001", "agency", "文昌街道办事处"),
    ],
)
def test_what_fits(code: str, kind: str, name: str) -> None:
    assert contradicted(code, kind, [name], None) is None


@pytest.mark.parametrize(
    ("code", "kind", "name", "told"),
    [
        ("370100", "city", "聊城市", "370100 is the code of 济南市"),
        ("370100", "county", "济南市", "370100 is the code of 济南市"),
        ("370100", "agency", "济南市人民政府", "370100 is the code of 济南市"),
        ("371522", "county", "莘", "371522 is the code of 莘县"),
        ("330100", "city", "济南市", "济南市 has the code 370100, not 330100"),
        ("330000", "province", "山東省", "山东省 has the code 370000"),
    ],
)
def test_what_is_known_otherwise(code: str, kind: str, name: str, told: str) -> None:
    problem = contradicted(code, kind, [name], None)
    assert problem is not None
    assert problem.startswith(told)


@pytest.mark.parametrize(
    ("code", "name", "day", "fits"),
    [
        ("370181", "章丘市", date(2015, 1, 1), True),
        ("370181", "章丘市", date(2016, 6, 1), True),
        ("370181", "章丘市", date(2017, 1, 1), False),
        ("370114", "章丘区", date(2016, 12, 31), True),
        ("370114", "章丘区", date(2015, 12, 31), False),
        ("371202", "莱城区", date(2018, 1, 1), True),
        ("370116", "莱芜区", date(2018, 1, 1), False),
    ],
)
def test_years(code: str, name: str, day: date, *, fits: bool) -> None:
    assert (contradicted(code, "county", [name], UncertainDate.day(day)) is None) is fits
    open_end = UncertainDate(earliest=day, precision="after")
    if fits:
        assert contradicted(code, "county", [name], open_end) is None

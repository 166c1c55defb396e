"""What clients are told in words: the decoder's messages made readable, and everything in Chinese as well as English.

Only messages stand here; which status an error has is known to `problems`.
"""

import re
from typing import Literal

from service.domain.values import CLEAN

Language = Literal["en", "zh"]


def language(accepted: str | None) -> Language:
    """The language to answer in, from an Accept-Language header (RFC 9110, section 12.5.4); English by default."""
    best: tuple[float, Language] = (0.0, "en")
    for item in (accepted or "").split(","):
        tag, _, parameters = item.strip().partition(";")
        primary = tag.strip().lower().partition("-")[0]
        if primary not in {"zh", "en", "*"}:
            continue
        name, _, text = parameters.strip().partition("=")
        try:
            weight = float(text) if name.strip() == "q" else 1.0
        except ValueError:
            weight = 0.0
        if weight > best[0]:
            best = (weight, "zh" if primary == "zh" else "en")
    return best[1]


# The patterns that text must match, in words: nobody should have to read them as regular expressions.
_FORMS: tuple[tuple[str, str, str], ...] = (
    (
        CLEAN[:40],
        "holds a control character, a line or paragraph separator, or a noncharacter, which text may not",
        "含有不允许的字符:控制字符(换行除外)、行分隔符、段落分隔符或非字符",
    ),
    ("^[0-9a-f]{64}", "must be a SHA-256 in 64 lower-case hexadecimal digits", "应为 64 位小写十六进制的 SHA-256"),
    (
        "^-?(0|[1-9]",
        "must be a plain decimal number such as 12 or -0.5, with at most 25 digits before the point and 12 after it",
        "应为普通十进制数,例如 12 或 -0.5,小数点前最多 25 位,后最多 12 位",
    ),
    (
        "^[a-z_]+/",
        "must name a thing as its kind and id, such as agreements/<uuid>",
        "应以类别和 id 指明对象,例如 agreements/<uuid>",
    ),
    (
        "^[0-9A-Z]{6,18}",
        "must be an official code of 6 to 18 digits and capital letters",
        "应为 6 至 18 位数字和大写字母的官方代码",
    ),
)

_KINDS = {
    "str": ("a string", "字符串"),
    "int": ("a whole number", "整数"),
    "float": ("a number with a fraction", "小数"),
    "bool": ("true or false", "true 或 false"),
    "null": ("null", "null"),
    "array": ("an array", "数组"),
    "object": ("an object", "对象"),
    "uuid": ("a UUID", "UUID"),
    "date": ("a date", "日期"),
    "datetime": ("a time", "时间"),
}

# Messages of msgspec 0.22 and of the domain's values, as patterns, with what is said in English and in Chinese.
_MESSAGES: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), english, chinese)
    for pattern, english, chinese in (
        (r"Expected `(?P<a>[^`]*)`, got `(?P<b>[^`]*)`", "must be {a}, and is {b}", "应为{a},而给出的是{b}"),
        (r"Expected `str` of length >= 1", "must not be empty", "不能为空"),
        (r"Expected `str` of length >= (\d+)", "must have at least {0} characters", "至少 {0} 个字符"),
        (r"Expected `str` of length <= (\d+)", "must have at most {0} characters", "最多 {0} 个字符"),
        (r"Expected `array` of length >= (\d+)", "must have at least {0} entries", "至少 {0} 项"),
        (r"Expected `array` of length <= (\d+)", "must have at most {0} entries", "最多 {0} 项"),
        (r"Expected `\w+` >= (\S+)", "must be at least {0}", "不得小于 {0}"),
        (r"Expected `\w+` <= (\S+)", "must be at most {0}", "不得大于 {0}"),
        (r"Object missing required field `(.*)`", "is missing", "缺少此项"),
        (r"Object contains unknown field `(.*)`", "is not known here", "此处没有这一项"),
        (r"Invalid enum value ('.*'): (.*)", "{0} is none of {1}", "{0} 不在可用的值之列:{1}"),
        (r"Invalid enum value (.*)", "{0} is not one of the values possible here", "{0} 不是此处可用的值"),
        (r"Invalid UUID", "must be a UUID", "应为 UUID"),
        (
            r"Invalid RFC3339 encoded date",
            "must be a date that exists, such as 2026-11-21",
            "应为存在的日期,例如 2026-11-21",
        ),
        (r"Number out of range|Integer value out of range", "is too large a number", "数值过大"),
        (r"Input data was truncated", "it ends too early", "内容不完整"),
        (r"JSON is malformed: (.*) \(byte (\d+)\)", "{0} at byte {1}", "第 {1} 字节处有误"),
    )
)

_ZH = {
    "earliest lies after latest": "earliest 晚于 latest",
    "precision day needs earliest and latest, and both the same; else name the precision": (
        "precision 为 day 时,earliest 与 latest 须都给出且相同;否则请注明 precision"
    ),
    "a date without bounds has precision unknown": "没有起止的日期,precision 应为 unknown",
    "a range has low and high, and no value": "范围须有 low 和 high,而没有 value",
    "a quantity has a value; low and high belong to the bound range": (
        "数量须有 value;low 和 high 只用于 bound 为 range 时"
    ),
    "a locator is a page, or a sheet and a cell": "locator 为 page,或 sheet 加 cell",
    "a sheet needs its cell, and a cell its sheet": "sheet 与 cell 须同时给出",
    "a citation is start and end, or quote, or locator": "引文须为 start 和 end、quote、locator 三者之一",
    "start and end are both needed, and start lies before end": "start 和 end 都须给出,且 start 小于 end",
    "a citation of more than 120 code points says why": "超过 120 个字符的引文须说明理由(why)",
    "sha256 belongs to start and end": "sha256 只与 start 和 end 同用",
    "occurrence belongs to quote": "occurrence 只与 quote 同用",
    "a clause has a heading or a text": "条款须有 heading 或 text",
    "an amendment sets at least one of heading, text, obligors, beneficiaries, owed, due": (
        "修改须至少设定 heading、text、obligors、beneficiaries、owed、due 之一"
    ),
    "instrument_clause needs its instrument": "给出 instrument_clause 时须给出 instrument",
    "the term ends before it starts": "期限的结束早于开始",
    "a party does not lie downstream of itself": "一方不能位于自身的下游",
}
"""The domain's own messages in Chinese; a test holds this table against the domain's files."""


def _kinds(text: str, index: int) -> str:
    """`str | null` in words."""
    names = [_KINDS.get(kind, (kind, kind))[index] for kind in text.split(" | ")]
    return (" or " if index == 0 else "或").join(names)


def say(message: str, wanted: Language) -> str:
    """A message of msgspec or of the domain, in words. One that isn't known here is given as it is."""
    index = 0 if wanted == "en" else 1
    if found := re.match(r"Expected `str` matching regex '(?P<regex>.*)'", message, re.DOTALL):
        regex = found["regex"].replace("\\\\", "\\")
        for start, english, chinese in _FORMS:
            if regex.startswith(start):
                return (english, chinese)[index]
        return (f"must match {regex}", f"应符合 {regex}")[index]
    for pattern, english, chinese in _MESSAGES:
        if match := pattern.fullmatch(message):
            groups = {name: _kinds(value, index) for name, value in match.groupdict().items()}
            return (english, chinese)[index].format(*match.groups(), **groups)
    return message if wanted == "en" else _ZH.get(message, message)

"""Everything that a client is told can be told in both languages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import service
from service.api import words
from service.domain import errors, values

ROOT = Path(service.__file__).parent


def text(node: ast.expr) -> str | None:
    """A literal message, with 1 in the place of what is filled in; None for what is no literal."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "1" for part in node.values)  # type: ignore[misc]
    return None


FINDERS = {"str | None", "tuple[int, str] | None", "tuple[str, str] | None"}
"""What functions of the domain answer that look for what is wrong with a value, and where."""


def answers_wrong(function: ast.FunctionDef) -> bool:
    """Whether a function looks for what is wrong."""
    return function.returns is not None and not function.decorator_list and ast.unparse(function.returns) in FINDERS


def sentences(answer: ast.expr | None) -> Iterator[ast.expr]:
    """What a finder may answer."""
    match answer:
        case ast.IfExp(body=one, orelse=other):
            yield from (one, other)
        case ast.Tuple(elts=items):
            yield items[-1]
        case ast.expr():
            yield answer


def told() -> Iterator[str]:
    """Every problem that the code can tell: `problem=` anywhere in it, and what the domain's values refuse."""
    for path in sorted(ROOT.rglob("*.py")):
        if path.parts[-2:] == ("domain", "errors.py"):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = {
            target.id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        found: list[ast.expr] = []
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                found += [keyword.value for keyword in node.keywords if keyword.arg == "problem"]
                if isinstance(node.func, ast.Name) and node.func.id == "ValueError" and "domain" in path.parts:
                    found += node.args
            elif isinstance(node, ast.FunctionDef) and "domain" in path.parts and answers_wrong(node):
                returns = (part for part in ast.walk(node) if isinstance(part, ast.Return))
                found += [item for part in returns for item in sentences(part.value)]
        named = (constants.get(item.id, item) if isinstance(item, ast.Name) else item for item in found)
        yield from (said for item in named if (said := text(item)) is not None)


@pytest.mark.parametrize("message", sorted(set(told())))
def test_each_problem_has_its_chinese(message: str) -> None:
    assert any("\u4e00" <= character <= "\u9fff" for character in words.say(message, "zh")), message


def example(pattern: str) -> str:
    """A message that a pattern is for."""
    filled = pattern.replace("(.*)", "one").replace(r"(\w+)", "one").replace(".*", "more")
    return re.sub(r"\\(.)", r"\1", filled)


def test_no_chinese_stands_behind_another() -> None:
    """Of two patterns for one message the first alone would ever be said."""
    known = [words._compiled(pattern) for pattern, _ in words._ZH]
    hidden = [
        one.pattern
        for place, one in enumerate(known)
        if next(other for other, pattern in enumerate(known) if pattern.fullmatch(example(one.pattern))) != place
    ]
    assert hidden == []


def kinds(kind: type[errors.Refused]) -> Iterator[type[errors.Refused]]:
    """A class of errors and all under it."""
    yield kind
    for child in kind.__subclasses__():
        yield from kinds(child)


@pytest.mark.parametrize("kind", list(kinds(errors.Refused)))
def test_each_error_has_its_chinese(kind: type[errors.Refused]) -> None:
    assert "zh" in vars(kind), kind


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        (None, "en"),
        ("", "en"),
        ("zh", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en;q=0.4, zh-Hans;q=0.6", "zh"),
        ("de, en-GB", "en"),
        ("zh;q=0", "en"),
        ("*", "en"),
        ("fr", "en"),
        ("zh;q=x", "en"),
    ],
)
def test_the_language_follows_the_header(header: str | None, wanted: str) -> None:
    assert words.language(header) == wanted


def patterns() -> Iterator[str]:
    """Every pattern that text which comes in must match."""
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "pattern":
                yield str(node.value.value) if isinstance(node.value, ast.Constant) else values.CLEAN


@pytest.mark.parametrize("pattern", sorted(set(patterns())))
def test_each_pattern_is_told_in_words(pattern: str) -> None:
    escaped = pattern.replace("\\", "\\\\")
    for wanted in ("en", "zh"):
        said = words.say(f"Expected `str` matching regex '{escaped}'", wanted)
        assert "^" not in said
        assert said not in {"does not have the form that it needs here", "不符合此处的格式"}

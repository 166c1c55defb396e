"""Everything that a client is told can be told in both languages."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import service
from service.api import words
from service.domain import errors

ROOT = Path(service.__file__).parent


def text(node: ast.expr) -> str | None:
    """A literal message, with 1 in the place of what is filled in; None for what is no literal."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "1" for part in node.values)  # type: ignore[misc]
    return None


def told() -> Iterator[str]:
    """Every problem that the code can tell: `problem=` anywhere in it, and what the domain's values refuse."""
    for path in sorted(ROOT.rglob("*.py")):
        if path.parts[-2:] == ("domain", "errors.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            found = [keyword.value for keyword in node.keywords if keyword.arg == "problem"]
            if isinstance(node.func, ast.Name) and node.func.id == "ValueError" and "domain" in path.parts:
                found += node.args
            yield from (said for item in found if (said := text(item)) is not None)


@pytest.mark.parametrize("message", sorted(set(told())))
def test_each_problem_has_its_chinese(message: str) -> None:
    assert any("\u4e00" <= character <= "\u9fff" for character in words.say(message, "zh")), message


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

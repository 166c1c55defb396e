"""Rules of the house that a machine can check: names, headers, sizes, exceptions, and a README that tells the truth."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import click
import pytest

from service.cli import main
from service.config import Settings
from service.registry import REMINDERS, SEEDS, SELF

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
OTHER_VARIABLES = {"MENGFU_TEST_DATABASE_URL"}
"""What the README names beside the settings: it is the tests'."""

LONG = {
    "service/api/words.py": "every message in two languages, in a few tables",
}
"""Files of service/ over 400 lines, and why each is one."""


def committed(*patterns: str) -> list[Path]:
    """The files that git holds or would take, by pattern."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *patterns]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"no house rules: git cannot list the files ({done.stderr.strip()})")
    return [ROOT / name for name in sorted(done.stdout.split("\0")) if name and (ROOT / name).is_file()]


def name(path: Path) -> str:
    """A file as the checkout calls it."""
    return path.relative_to(ROOT).as_posix()


def text(path: Path) -> str:
    """What stands in a file."""
    return path.read_text("utf-8")


# --- Code -------------------------------------------------------------------------------------------------------------


def test_no_module_has_a_name_that_says_nothing() -> None:
    """What is in it has a name of its own."""
    empty = {"utils", "util", "common", "helpers", "helper", "base", "misc", "manager"}
    assert [name(path) for path in committed("*.py") if empty & {path.stem, *path.relative_to(ROOT).parts[:-1]}] == []


def test_long_files_have_a_reason() -> None:
    """And a reason goes when its file has become short."""
    lengths = {name(path): len(text(path).splitlines()) for path in committed("service/*.py")}
    assert {path for path, length in lengths.items() if length > 400} == set(LONG)


def test_every_statement_has_a_header_and_is_used() -> None:
    """Purpose, each parameter, the locks it takes; and the code names the file."""
    code = "\n".join(text(path) for path in committed("service/*.py"))
    for path in committed("service/*.sql"):
        lines = text(path).splitlines()
        header = "\n".join(line for line in lines if line.startswith("--"))
        body = "\n".join(line for line in lines if not line.startswith("--"))
        assert re.match(r"-- Purpose: \S", header), f"{path.name} does not begin with its purpose"
        assert "-- Locks: " in header, f"{path.name} does not say what it locks"
        used, told = (set(re.findall(r"\$(\d+)", part)) for part in (body, re.sub(r"\$\d+ on\b", "", header)))
        assert used == told, f"{path.name}: parameters {sorted(used ^ told)} stand only in the header or the statement"
        assert f'sql("{path.stem}")' in code, f"{path.name} is not used"


def test_every_exception_from_a_check_says_from_which() -> None:
    """`noqa` and `type: ignore` carry the rule's code."""
    found = re.compile(r"#\s*(noqa|type:\s*ignore)\b(?!: [A-Z]+[0-9]+|\[[a-z-]+)")
    told = [
        f"{name(path)}:{number}"
        for path in committed("*.py")
        for number, line in enumerate(text(path).splitlines(), 1)
        if found.search(line) and path != Path(__file__).resolve()
    ]
    assert told == []


def test_nothing_is_left_to_do_later() -> None:
    """What is not done is an issue, not a remark."""
    later = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")
    files = [path for path in committed() if path.suffix in {".py", ".sql", ".md", ".toml", ".yaml", ""}]
    assert [name(path) for path in files if later.search(text(path))] == []


def clocked(node: ast.AST) -> bool:
    """Whether an expression takes the difference of two readings of a clock."""
    names = {"monotonic", "perf_counter", "time", "process_time"}
    return any(
        isinstance(part, ast.BinOp)
        and isinstance(part.op, ast.Sub)
        and any(
            isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in names
            for call in ast.walk(part)
        )
        for part in ast.walk(node)
    )


def test_no_test_asserts_how_long_something_takes() -> None:
    """The machines are shared: a wait has a limit, which ends what hangs; how fast it was, the benchmarks tell."""
    told = [
        f"{name(path)}:{node.lineno}"
        for path in committed("tests/*.py")
        if "bench" not in path.parts
        for node in ast.walk(ast.parse(text(path)))
        if isinstance(node, ast.Assert) and clocked(node)
    ]
    assert told == []


def test_make_check_runs_every_check() -> None:
    """Format, lint, types, imports."""
    recipe = re.search(r"^check:.*\n((?:\t.*\n)+)", text(ROOT / "Makefile"), re.MULTILINE)
    assert recipe is not None
    for command in ("ruff check .", "ruff format --check .", "mypy", "lint-imports"):
        assert f"$(BIN)/{command}\n" in recipe[1], command
    told = text(ROOT / ".ci/run")
    assert re.search(r"^make check\b", told, re.MULTILINE)
    assert "\nmake test\n" in told


# --- What is committed, and where it came from ------------------------------------------------------------------------


def hosts() -> Iterator[str]:
    """The hosts and folders that this machine takes packages from."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    given = " ".join(
        value for variable, value in os.environ.items() if "INDEX_URL" in variable or "REGISTRY" in variable
    )
    for word in re.findall(r"[a-z]+://[^\s'\"]+", f"{listed} {given}"):
        url = urlsplit(word)
        found = url.hostname or url.path
        if found not in {"127.0.0.1", "localhost"}:
            yield found


def test_nothing_committed_names_this_machine() -> None:
    """No path of a checkout or of somebody's home, no host of a package registry."""
    own = [str(path) for path in (ROOT, ROOT.parent, Path.home()) if len(path.parts) > 2]
    paths = re.compile("|".join([r"(?<![\w}])/(?:home|Users|root|work)/\w", *map(re.escape, [*own, *hosts()])]))
    told = []
    for path in committed():
        try:
            lines = text(path).splitlines()
        except UnicodeDecodeError:
            continue
        told += [f"{name(path)}:{number}" for number, line in enumerate(lines, 1) if paths.search(line)]
    assert told == []
    assert "://" not in text(ROOT / "requirements.lock")


# --- The README and its like ------------------------------------------------------------------------------------------


def table(title: str) -> dict[str, str]:
    """The first two columns of the table under a heading of the README."""
    section = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", text(README), re.MULTILINE | re.DOTALL)
    assert section is not None, f"the README has no section {title}"
    rows = [
        [cell.strip() for cell in row.split("|")[1:-1]] for row in re.findall(r"^\|.*\|$", section[1], re.MULTILINE)
    ]
    return {row[0].strip("`"): row[1].strip("`") for row in rows[2:]}


def test_the_readme_lists_every_setting_with_its_default() -> None:
    """No more and no fewer."""
    defaults = json.loads(json.dumps({field: getattr(Settings(), field) for field in Settings.__struct_fields__}))
    want = {f"MENGFU_{field.upper()}": str(value) for field, value in defaults.items()}
    want["MENGFU_PUBLIC_READ"] = want["MENGFU_WEBHOOKS_PRIVATE"] = "false"
    want["MENGFU_NAME"] = "random"
    assert table("Settings") == want
    assert set(re.findall(r"MENGFU_[A-Z_]+", text(README))) == set(want) | OTHER_VARIABLES


def test_what_is_deployed_uses_settings_that_exist() -> None:
    """Compose, the Dockerfile and the runbook name settings, or variables that they explain themselves."""
    settings = {f"MENGFU_{field.upper()}" for field in Settings.__struct_fields__}
    runbook = table_of_compose()
    for path in [ROOT / "Dockerfile", *committed("deploy/*")]:
        unknown = set(re.findall(r"MENGFU_[A-Z_]+", text(path))) - settings - runbook
        assert unknown == set(), name(path)


def table_of_compose() -> set[str]:
    """The variables that the runbook lists for compose."""
    return set(re.findall(r"^\| `(MENGFU_[A-Z_]+)`", text(ROOT / "deploy/README.md"), re.MULTILINE))


def test_the_targets_of_make_exist() -> None:
    """Those that the README names, and all that are declared."""
    makefile = text(ROOT / "Makefile")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None
    assert set(phony[1].split()) == targets
    commands = re.findall(r"(?:^|`)make ([a-z]+)", text(README), re.MULTILINE)
    assert {"up", "test", "check", "fmt"} <= set(commands) <= targets


def subcommands(group: click.Group, before: str = "") -> Iterator[str]:
    """All that can be said after `mengfu`."""
    for word, command in group.commands.items():
        yield before + word
        if isinstance(command, click.Group):
            yield from subcommands(command, f"{before}{word} ")


@pytest.mark.parametrize("path", ["README.md", "deploy/README.md"])
def test_the_commands_and_links_of_the_documents_exist(path: str) -> None:
    """`mengfu WORD`, `--option`, links to files, and paths of the checkout."""
    told, known = text(ROOT / path), set(subcommands(main))
    for words in re.findall(r"(?:`|^|bin/)mengfu ((?:keys )?(?:signing )?[a-z-]+)", told, re.MULTILINE):
        assert words in known, f"mengfu {words}"
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", told):
        assert ((ROOT / path).parent / link).exists(), link
    for file in re.findall(r"`((?:service|tests|deploy|migrations|seeds)/[\w./]*)`", told):
        assert (ROOT / file).exists() or file.endswith("/.env"), file  # which nobody commits


def test_the_readme_is_filled_in() -> None:
    """No place holder is left, and the fixed accounts are the code's."""
    told = text(README)
    assert re.findall(r"@[A-Z]+@", told) == []
    assert f"accounts/{SELF}" in told
    assert f"accounts/{SEEDS}" in told
    assert f"accounts/{REMINDERS}" in told


def test_the_readmes_plain_lines_are_what_make_does() -> None:
    """What somebody types who has no make."""
    makefile = re.sub(r"\$\(BIN\)", ".venv/bin", text(ROOT / "Makefile"))
    makefile = re.sub(r" --quiet| --disable-pip-version-check", "", makefile).replace("--editable .", "-e .")
    block = re.search(r"Without make.*?```sh\n(.*?)```", text(README), re.DOTALL)
    assert block is not None
    for line in filter(None, block[1].splitlines()):
        assert line.replace("python3 -m venv", "$(PYTHON) -m venv") in makefile, line


def test_the_versions_of_the_lock_fit_what_is_asked() -> None:
    """Every dependency has one version in the lock."""
    project = tomllib.loads(text(ROOT / "pyproject.toml"))
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    locked = {line.split("==")[0].lower().replace("_", "-") for line in text(ROOT / "requirements.lock").splitlines()}
    missing = {re.split(r"[\[><=;! ]", word)[0].lower() for word in asked} - locked
    assert missing == set()

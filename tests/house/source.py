"""Reads the product's own files: the fences judge what stands here, run nothing."""

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("affiliate", "shops", "creators", "payouts")
_DIRECTIVE = re.compile(
    r"noqa(:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*)?"
    r"|type:\s*ignore(\[[^]]*\])?"
    r"|pragma:\s*no cover"
)
REASON_WORDS = 3
# Whoever owns the checkout: a container or another user may run the tests.
_LIST_FILES = ["git", "-c", "safe.directory=*", "ls-files", "-z"]


@dataclass(frozen=True)
class Module:
    """One Python file: its dotted name, where it is, and what it says."""

    name: str
    path: Path
    text: str
    is_package: bool = False

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, filename=str(self.path))

    @cached_property
    def comments(self) -> dict[int, str]:
        """Comments by line, without the directives that tools read."""
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        return {
            token.start[0]: _DIRECTIVE.sub("", token.string).strip("# ")
            for token in tokens
            if token.type == tokenize.COMMENT
        }

    @property
    def place(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    def at(self, line: int) -> str:
        return f"{self.place}:{line}"

    def gives_a_reason(self, lines: Iterable[int]) -> bool:
        """Say whether a comment of a few words stands on one of these lines."""
        return any(
            len(self.comments.get(line, "").split()) >= REASON_WORDS for line in lines
        )

    def literals(self) -> Iterator[tuple[int, str]]:
        """Yield the strings that do something: all but docstrings."""
        idle = {
            id(node.value) for node in ast.walk(self.tree) if isinstance(node, ast.Expr)
        }
        for node in ast.walk(self.tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and id(node) not in idle
            ):
                yield node.lineno, node.value


def made_up(name: str, text: str) -> Module:
    """Return a module that exists only for a test of a fence."""
    return Module(name, ROOT / (name.replace(".", "/") + ".py"), text)


def _read(path: Path) -> Module:
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    is_package = parts[-1] == "__init__"
    name = ".".join(parts[:-1] if is_package else parts)
    return Module(name, path, path.read_text(encoding="utf-8"), is_package)


def _under(folder: str) -> list[Module]:
    return [_read(path) for path in sorted((ROOT / folder).rglob("*.py"))]


@cache
def product() -> tuple[Module, ...]:
    """Return every module of the four packages, and manage.py."""
    modules = [module for package in PACKAGES for module in _under(package)]
    return (*modules, _read(ROOT / "manage.py"))


@cache
def tests() -> tuple[Module, ...]:
    return tuple(_under("tests"))


def without_migrations(modules: Iterable[Module]) -> Iterator[Module]:
    return (module for module in modules if ".migrations" not in module.name)


@cache
def kept_files() -> tuple[str, ...]:
    """Return what git keeps or would keep on the next `add`, as paths from the root."""
    listing = subprocess.run(
        [*_LIST_FILES, "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return tuple(
        sorted({name for name in listing.split("\0") if (ROOT / name).is_file()})
    )


def dotted(node: ast.AST) -> str:
    """Return `a.b.c` for a chain of names, "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        head = dotted(node.value)
        return f"{head}.{node.attr}" if head else ""
    return ""


def text_of(node: ast.AST | None) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None

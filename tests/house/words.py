"""Words that must not stand: clocks, floats, swallowed errors, scripts in pages.

Each reading returns the lines where the word stands. In code, a comment of at least
three words on that line or the one above is taken as the reason for an exception.
"""

import ast
import re
from collections.abc import Iterator

from tests.house.source import Module, dotted

# What asks the clock, when it stands behind these modules or names.
_CLOCKS = re.compile(
    r"(^|\.)((datetime|timezone|datetime\.datetime)\.(now|utcnow|today)"
    r"|(date|datetime\.date)\.today|timezone\.localdate|timezone\.localtime"
    r"|time\.time|time\.time_ns|functions\.Now)$"
)
_CLOCK_NAMES = {"now", "localdate", "localtime", "Now", "time", "time_ns"}
_CLOCK_MODULES = {"django.utils.timezone", "django.db.models.functions", "time"}
_READ_FROM_ARGUMENT = {"localdate", "localtime"}
_SQL_CLOCK = re.compile(
    r"\b(now|clock_timestamp|statement_timestamp|transaction_timestamp)\(\)"
    r"|\bcurrent_(date|timestamp|time)\b",
    re.IGNORECASE,
)
_SQL_FLOAT = re.compile(r"::\s*(float|real)|\bdouble precision\b", re.IGNORECASE)
_MONEY = re.compile(r"(_cents|_bp|_pct|^quantity|^amount)$")

# ------------------------------------------------------------------ clocks


def clocks(module: Module) -> Iterator[int]:
    """Yield where a verb asks the clock instead of its caller."""
    names = {
        alias.asname or alias.name
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and node.module in _CLOCK_MODULES
        for alias in node.names
        if alias.name in _CLOCK_NAMES
    }
    told = _told(module.tree)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name | ast.Attribute) and id(node) not in told:
            name = dotted(node)
            if (isinstance(node, ast.Name) and name in names) or _CLOCKS.search(name):
                yield from _unless_reasoned(module, node.lineno)
    for line, value in module.literals():
        if _SQL_CLOCK.search(value):
            yield from _unless_reasoned(module, line)


def _told(tree: ast.Module) -> set[int]:
    """Return the names that are given their instant: `localdate(at)` asks no clock."""
    return {
        id(node.func)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and node.args
        and dotted(node.func).rpartition(".")[2] in _READ_FROM_ARGUMENT
    }


# ------------------------------------------------------------------ floats


def floats(module: Module) -> Iterator[int]:
    """Yield where money could become a float, or be rounded by the wrong function."""
    seconds = _seconds(module.tree)
    for node in ast.walk(module.tree):
        if _is_float(node) and id(node) not in seconds:
            yield from _unless_reasoned(module, node.lineno)  # type: ignore[attr-defined]
    for line, value in module.literals():
        if _SQL_FLOAT.search(value):
            yield from _unless_reasoned(module, line)


def _seconds(tree: ast.Module) -> set[int]:
    """Return what belongs to a name in `_s`: seconds of a wait may be a fraction."""
    parts: list[ast.AST | None] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and _is_seconds(node.arg):
            parts.append(node.annotation)
        elif isinstance(node, ast.keyword) and _is_seconds(node.arg or ""):
            parts.append(node.value)
        elif isinstance(node, ast.AnnAssign) and _is_seconds(dotted(node.target)):
            parts += [node.annotation, node.value]
        elif isinstance(node, ast.Assign) and _is_seconds(dotted(node.targets[0])):
            parts.append(node.value)
    return {id(inner) for part in parts if part for inner in ast.walk(part)}


def _is_seconds(name: str) -> bool:
    return name.lower().endswith("_s")


def _is_float(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, float | complex)
    if isinstance(node, ast.Name):
        return node.id == "float"
    if isinstance(node, ast.Attribute):
        return node.attr == "FloatField"
    if isinstance(node, ast.Call):
        return dotted(node.func) == "round"
    if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
        sides = (
            (node.left, node.right)
            if isinstance(node, ast.BinOp)
            else (node.target, node.value)
        )
        return any(_is_whole(side) for side in sides)
    return False


def _is_whole(node: ast.AST) -> bool:
    """Say whether this is a whole number by its look: dividing it gives a float."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int)
    return bool(_MONEY.search(dotted(node).rpartition(".")[2]))


# ------------------------------------------------------------------ errors


def swallowed(module: Module) -> Iterator[int]:
    """Yield where every error is caught, not raised again, and no reason is given."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.ExceptHandler) or _raises_again(node):
            continue
        caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        if any(_is_everything(one) for one in caught):
            first = node.body[0].lineno
            if not module.gives_a_reason(range(node.lineno - 1, first + 1)):
                yield node.lineno


def _is_everything(node: ast.AST | None) -> bool:
    if node is None:
        return True
    return dotted(node).rpartition(".")[2] in {"Exception", "BaseException"}


def _raises_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def _unless_reasoned(module: Module, line: int) -> Iterator[int]:
    if not module.gives_a_reason((line - 1, line)):
        yield line


# ------------------------------------------------------------------ pages

_COMMENTS = re.compile(
    r"\{#.*?#\}|\{%\s*comment\b.*?%\}.*?\{%\s*endcomment\s*%\}|<!--.*?-->", re.DOTALL
)
_SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script\s*>", re.DOTALL | re.IGNORECASE)
_DATA = re.compile(r"type=[\"']?(application/(ld\+)?json|text/template)", re.IGNORECASE)
_INLINE = {
    "style attribute": re.compile(r"<[^<>]*\sstyle\s*=", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "event handler": re.compile(r"<[^<>]*\s(on[a-z]+|hx-on[:\w-]*)\s*=", re.IGNORECASE),
    "script address": re.compile(r"javascript:", re.IGNORECASE),
}
_STARTS = re.compile(r"\s*(\{#|\{%\s*(comment|extends)\b)")


def page_faults(text: str, *, is_email: bool) -> Iterator[tuple[int, str]]:
    """Yield what the content security policy would refuse, with its line.

    An e-mail has no policy, and mail programs read only style attributes.
    """
    bare = _COMMENTS.sub(lambda found: "\n" * found[0].count("\n"), text)
    for name, pattern in _INLINE.items():
        if is_email and name.startswith("style"):
            continue
        for found in pattern.finditer(bare):
            yield _line(bare, found.end()), name
    for found in _SCRIPT.finditer(bare):
        if found[2].strip() and not _DATA.search(found[1]):
            yield _line(bare, found.start()), "inline script"


def introduces_itself(text: str) -> bool:
    """Say whether a template begins with a comment or with what it extends."""
    return bool(_STARTS.match(text))


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1

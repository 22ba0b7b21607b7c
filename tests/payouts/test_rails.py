import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from payouts import rails
from payouts.rails import sepa

PROJECT = Path(__file__).parent.parent.parent


def test_rails_are_found_by_the_folder():
    assert "sepa" in rails.names()
    assert rails.load("sepa") is sepa


@pytest.mark.parametrize("name", ["", "os", "schemas", "sepa.file", "../sepa"])
def test_no_other_module_is_loaded_as_a_rail(name):
    with pytest.raises(rails.UnknownRail) as refusal:
        rails.load(name)

    assert refusal.value.code == "unknown_rail"


def test_no_rail_imports_django():
    folder = PROJECT / "payouts/rails"
    imported = {
        name
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [getattr(node, "module", None) or node.names[0].name]
    }

    assert "lxml" in imported
    assert not {name for name in imported if name.split(".")[0] == "django"}


def test_a_rail_works_without_settings():
    program = """
import io, pathlib
from datetime import UTC, date, datetime
from payouts import rails
sepa = rails.load("sepa")
debtor = sepa.Debtor("Lune", "FR7630006000011234567890189", None, None)
try:
    sepa.write(io.BytesIO(), message_id="M", created_at=datetime.now(UTC),
        execution_date=date(2026, 3, 3), debtor=debtor, transfers=[], count=1,
        total_cents=1)
except sepa.TotalsDiffer as error:
    print(error)
"""
    environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}

    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "1 transfers of 1 cents were declared" in done.stdout

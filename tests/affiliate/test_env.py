"""A wrong variable stops the start, by its name and with the way out."""

import os
import subprocess
import sys

import pytest

from tests.web_server import ROOT

PASSWORD = "s3cret"
WRONG = [
    ("DEBUG", "perhaps", "'perhaps' is neither yes nor no.", "Write 1 or 0."),
    ("DATABASE_POOL", "many", "'many' is not a whole number.", "from 1 to 100"),
    ("DATABASE_POOL", "0", "0 is out of range.", "from 1 to 100"),
    ("TRUSTED_PROXIES", "-1", "'-1' is not a whole number.", "from 0 to 10"),
    ("PAYOUT_THRESHOLD_CENTS", "9.99", "not a whole number", "from 1 to 100000000"),
    ("SITE_URL", "ftp://x", "not a URL this setting can use", "http:// or https://"),
    ("SITE_URL", "http://x:y", "not a URL this setting can use", "port of digits"),
    (
        "DATABASE_URL",
        f"mysql://me:{PASSWORD}@db/x",
        "not a URL this setting can use",
        "postgresql:// or postgres://",
    ),
    (
        "DATABASE_URL",
        f"postgresql://me:{PASSWORD}@db:five/x",
        "not a URL this setting can use",
        "port of digits",
    ),
    ("REDIS_URL", "http://x", "not a URL this setting can use", "redis://"),
    ("PLATFORM_IBAN", "FR7630006000011234567890188", "is not an IBAN", "check digits"),
]


def check(*words, **env):
    return subprocess.run(
        [sys.executable, "manage.py", "check", *words],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "affiliate.settings", **env},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_the_tests_run_with_is_right():
    done = check()

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("name", "value", "problem", "way_out"), WRONG)
def test_a_wrong_variable_stops_the_start(name, value, problem, way_out):
    done = check(**{name: value})

    assert done.returncode == 1
    assert f"(affiliate.E001) {name}: " in done.stderr
    assert problem in done.stderr
    assert way_out in done.stderr
    assert "Traceback" not in done.stderr
    assert PASSWORD not in done.stderr


def test_all_that_is_wrong_is_said_at_once():
    done = check(DEBUG="perhaps", TRUSTED_PROXIES="none")

    assert done.stderr.count("affiliate.E001") == 2


def test_an_owner_without_a_database_would_go_unused():
    done = check(DATABASE_URL="")

    assert done.returncode == 1
    assert "(affiliate.E002) DATABASE_OWNER_URL is set" in done.stderr


def test_nobody_goes_live_with_the_sample_account():
    live = {"SITE_URL": "https://creators.example", "PLATFORM_BIC": "AGRIFRPP"}
    done = check("--deploy", **live)
    iban = "FR1420041010050500013M02606"

    assert "(affiliate.E003) PLATFORM_IBAN is not set" in done.stderr
    assert "PLATFORM_BIC" not in done.stderr
    assert "E003" not in check("--deploy", **live, PLATFORM_IBAN=iban).stderr
    assert "E003) PLATFORM_IBAN" in check("--deploy", **live, PLATFORM_IBAN="").stderr

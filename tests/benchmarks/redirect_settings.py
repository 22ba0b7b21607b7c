"""The product's settings, with the view to measure against before its pages."""

from tests.settings import *  # noqa: F403 (all of the product's settings)

ROOT_URLCONF = "tests.benchmarks.redirect_by_orm"

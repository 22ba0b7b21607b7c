"""Factories of every floor, by the names of the models."""

from tests.factories.caps import *  # noqa: F403 (all of each module)
from tests.factories.common import *  # noqa: F403 (all of each module)
from tests.factories.creators import *  # noqa: F403 (all of each module)
from tests.factories.gates import *  # noqa: F403 (all of each module)
from tests.factories.joining import *  # noqa: F403 (all of each module)
from tests.factories.payouts import *  # noqa: F403 (all of each module)
from tests.factories.program_plans import *  # noqa: F403 (all of each module)
from tests.factories.shops import *  # noqa: F403 (all of each module)
from tests.factories.tables import *  # noqa: F403 (all of each module)
from tests.factories.terms_versions import *  # noqa: F403 (all of each module)

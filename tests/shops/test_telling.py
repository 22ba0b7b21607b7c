"""P5: a gate that pauses a program is told to who can open it again."""

from datetime import timedelta

import pytest

from affiliate.common import notices, outbox
from affiliate.common.models import Notice
from shops import programs
from tests.factories import MemberFactory, ProgramFactory
from tests.factories.gates import RestrictionFactory
from tests.factories.shops import MOMENT

pytestmark = pytest.mark.django_db


def test_a_gate_that_closes_is_told_to_the_shop_once():
    program = ProgramFactory(active=True, countries=["FR"])
    RestrictionFactory(program=program, codes=["CRYPTO"])
    owner = MemberFactory(shop=program.shop, user__language="en").user
    MemberFactory()

    for days in (0, 1):
        programs.pause_gated(at=MOMENT + timedelta(days=days))
        outbox.sweep(50, at=MOMENT)

    (notice,) = Notice.objects.all()
    assert (notice.user, notice.topic) == (owner, "shops/gate_closed")
    assert notice.path == f"/admin/shops/program/{program.pk}/change/"
    assert program.name in notices.words(notice).subject

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from affiliate.common.errors import Refusal


class InPayoutRun(Refusal):
    code = "in_payout_run"
    title = _("Already approved")
    way_out = "Claw it back instead."


def test_a_refusal_says_its_detail_or_its_title():
    assert str(InPayoutRun("Commission 7 is being paid.")) == (
        "Commission 7 is being paid."
    )
    assert str(InPayoutRun()) == "Already approved"


def test_the_class_gives_what_the_instance_does_not():
    plain, own = InPayoutRun(), InPayoutRun(way_out="Wait.", retry_after_s=3)

    assert (plain.way_out, plain.retry_after_s) == ("Claw it back instead.", None)
    assert (own.way_out, own.retry_after_s) == ("Wait.", 3)
    assert InPayoutRun.way_out == "Claw it back instead."


def test_errors_are_words_by_path():
    with override("en"):
        refusal = InPayoutRun(errors={"lines[2].net_cents": [_("Too much.")]})

        assert refusal.errors == {"lines[2].net_cents": ["Too much."]}
    assert refusal.status == 409

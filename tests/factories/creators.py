"""The smallest valid rows of the creators floor; states are traits."""

from datetime import date

import factory
from factory.django import DjangoModelFactory

from affiliate.common import ids
from creators import models
from creators.clicks import token
from tests.factories.common import UserFactory
from tests.factories.shops import MOMENT, AudienceFactory, OrderLineFactory
from tests.factories.shops import ProgramFactory as _ProgramFactory

SINCE = MOMENT.replace(year=2026, month=1, day=15)


class CreatorFactory(DjangoModelFactory):
    class Meta:
        model = models.Creator

    class Params:
        eligible = factory.Trait(
            born_on=date(1995, 4, 17), followers=12_000, niches=["care"]
        )

    user = factory.SubFactory(UserFactory)
    handle = factory.Sequence("creator-{}".format)
    name = factory.LazyAttribute(lambda creator: creator.user.name)
    country = "FR"


class CreatorEmailFactory(DjangoModelFactory):
    """The sign-in address; `address="..."` for another one."""

    class Meta:
        model = models.CreatorEmail

    class Params:
        address = factory.LazyAttribute(lambda email: email.creator.user.email)

    creator = factory.SubFactory(CreatorFactory)
    email_hash = factory.LazyAttribute(lambda email: ids.email_hash(email.address))


class EnrollmentFactory(DjangoModelFactory):
    """Active in an active program since January, with its audience of one creator."""

    class Meta:
        model = models.Enrollment

    class Params:
        applied = factory.Trait(status=models.EnrollmentStatus.APPLIED, since=None)
        invited = factory.Trait(status=models.EnrollmentStatus.INVITED, since=None)
        rejected = factory.Trait(
            status=models.EnrollmentStatus.REJECTED,
            since=None,
            reason="Too few videos.",
            may_apply_again="now",
        )
        ended = factory.Trait(
            status=models.EnrollmentStatus.ENDED,
            ended_at=MOMENT.replace(month=6),
        )

    creator = factory.SubFactory(CreatorFactory)
    program = factory.SubFactory(_ProgramFactory, active=True)
    audience = factory.SubFactory(
        AudienceFactory,
        program=factory.SelfAttribute("..program"),
        slug=factory.SelfAttribute("..creator.handle"),
        kind="creator",
    )
    status = models.EnrollmentStatus.ACTIVE
    since = SINCE


class GroupMemberFactory(DjangoModelFactory):
    class Meta:
        model = models.GroupMember

    enrollment = factory.SubFactory(EnrollmentFactory)
    program = factory.SelfAttribute("enrollment.program")
    audience = factory.SubFactory(
        AudienceFactory, program=factory.SelfAttribute("..program")
    )


class LinkFactory(DjangoModelFactory):
    """Open, to the shop's front page, or to the product's where one is given."""

    class Meta:
        model = models.Link

    class Params:
        closed = factory.Trait(closed_at=MOMENT)

    enrollment = factory.SubFactory(EnrollmentFactory)
    slug = factory.Sequence("link-{}".format)
    product = None
    destination = factory.LazyAttribute(
        lambda link: (
            link.product.url
            if link.product
            else f"https://{link.enrollment.program.shop.hosts[0]}/"
        )
    )


class CodeFactory(DjangoModelFactory):
    class Meta:
        model = models.Code

    class Params:
        retired = factory.Trait(status=models.CodeStatus.RETIRED, retired_at=MOMENT)
        banned = factory.Trait(status=models.CodeStatus.BANNED, retired_at=MOMENT)

    enrollment = factory.SubFactory(EnrollmentFactory)
    program = factory.SelfAttribute("enrollment.program")
    code = factory.Sequence("CODE{}".format)


class CodeUseFactory(DjangoModelFactory):
    class Meta:
        model = models.CodeUse

    code = factory.SubFactory(CodeFactory, max_uses=10)
    order = factory.SubFactory(
        "tests.factories.shops.OrderFactory",
        shop=factory.SelfAttribute("..code.program.shop"),
    )


class ClickFactory(DjangoModelFactory):
    """A visit with a real token; `bot=True` for one that never attributes."""

    class Meta:
        model = models.Click

    class Params:
        bot = factory.Trait(is_bot=True)

    link = factory.SubFactory(LinkFactory)
    at = MOMENT
    click_id = factory.LazyAttribute(
        lambda click: token.mint(
            click.link.pk, click.at, token.Flag.BOT if click.is_bot else 0
        )
    )
    visitor_hash = factory.Sequence("{:024x}".format)


class VerdictFactory(DjangoModelFactory):
    """Nobody's line; `attributed=True` gives it to the creator of a link's click.

    Name the enrollment or the link to say whose, or the line: the other rows follow.
    """

    class Meta:
        model = models.Verdict

    class Params:
        pending = factory.Trait(
            state=models.VerdictState.PENDING, reason="order_not_paid"
        )
        attributed = factory.Trait(
            state=models.VerdictState.ATTRIBUTED,
            reason="last_click",
            via="click",
            enrollment=factory.SubFactory(
                EnrollmentFactory,
                program=factory.SubFactory(
                    _ProgramFactory,
                    active=True,
                    shop=factory.SelfAttribute("...line.shop"),
                ),
            ),
            link=factory.SubFactory(
                LinkFactory, enrollment=factory.SelfAttribute("..enrollment")
            ),
            program=factory.SelfAttribute("enrollment.program"),
            creator=factory.SelfAttribute("enrollment.creator"),
        )

    line = factory.SubFactory(OrderLineFactory)
    shop = factory.SelfAttribute("line.shop")
    state = models.VerdictState.NOBODY
    reason = "no_touch"
    facts = factory.Sequence("{:032x}".format)
    decided_at = MOMENT


class UnaccruedVerdictFactory(DjangoModelFactory):
    class Meta:
        model = models.UnaccruedVerdict

    verdict = factory.SubFactory(VerdictFactory, attributed=True)

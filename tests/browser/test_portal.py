"""The portal in a real browser: whole, readable and usable, wide and narrow."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from payouts import commissions
from payouts.models import DeclineReason
from tests.browser.conftest import PASSWORD
from tests.factories import BoostFactory, CodeFactory, RateFactory, UserFactory
from tests.payouts import selling

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDE, NARROW = 1400, 390
PAGES = ["portal_home", "portal_sales", "portal_links", "portal_payouts"]


@pytest.fixture
def code():
    code = selling.creator_with_code()
    user = code.enrollment.creator.user
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return code


@pytest.fixture
def seller(code, tmp_path):
    """A creator with a sale in every state, two transfers and a month without one."""
    selling.payable(code.enrollment.creator)
    now = timezone.now()
    old = now - timedelta(days=70)
    RateFactory(program=code.program, audience=code.enrollment.audience, rate_bp=1300)
    BoostFactory(program=code.program, name="Lancement", ends_at=now)
    CodeFactory(enrollment=code.enrollment, code="OVER", retired=True)
    selling.link_of(code, slug="lea-shop")
    selling.link_of(code, slug="lea-closed", closed=True)

    def sold(name, placed_at, **line):
        return selling.sell(
            code, at=placed_at, name=name, order__placed_at=placed_at, **line
        )

    paid = sold("Paid", old, net_cents=20000)
    back = sold("Clawed back", old, net_cents=20000)
    sold("Older", now - timedelta(days=110), net_cents=30000)
    selling.approve(at=now)
    month = now.replace(day=1)
    selling.pay(selling.open_run(at=month), tmp_path, at=month)
    selling.change(back.line, at=now, refunded_cents=20000)
    held, declined = (
        sold(name, now - timedelta(days=9)) for name in ("Held", "Declined")
    )
    finance = UserFactory()
    commissions.hold(held.pk, "Une question.", by=finance, at=now)
    commissions.decline(declined.pk, DeclineReason.TERMS, by=finance, at=now)
    selling.cancel(sold("Cancelled", now - timedelta(days=8)).line, at=now)
    partly = sold("Partly refunded", now - timedelta(days=6))
    selling.change(partly.line, at=now, refunded_cents=1000)
    sold("Worth nothing", now - timedelta(days=5), net_cents=1)
    sold("Approved", now - timedelta(days=60))
    selling.approve(at=now)
    sold("Pending", now - timedelta(days=4))
    selling.sell_by_click(selling.link_of(code, slug="lea-other"), at=now)
    return paid.creator


def walk(window, hrefs):
    faults = []
    for path in hrefs:
        window.go(path)
        faults += window.faults(WIDE, NARROW)
    return faults


def sale_pages(window):
    window.go(reverse("portal_sales"))
    rows = window.page.locator("#sales a.title")
    return [row.get_attribute("href") for row in rows.all()]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_is_whole_wide_and_narrow(seller, visit, language):
    window = visit(language)
    window.sign_in(seller.user.email)

    sales = sale_pages(window)
    transfers = [
        reverse("portal_payout", args=[payout.pk]) for payout in seller.payouts.all()
    ]
    faults = walk(window, [*map(reverse, PAGES), *sales, *transfers])

    assert len(sales) == 10
    assert len(transfers) == 1
    assert faults == []


def test_every_page_is_whole_in_the_dark(seller, visit):
    window = visit("fr", color_scheme="dark")
    window.sign_in(seller.user.email)

    assert walk(window, [*map(reverse, PAGES), sale_pages(window)[0]]) == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_is_whole_for_a_newcomer(code, visit, language):
    window = visit(language)
    window.go("/accounts/login/")
    faults = window.faults(WIDE, NARROW)
    window.sign_in(code.enrollment.creator.user.email)

    assert [*faults, *walk(window, map(reverse, PAGES))] == []


def test_a_page_for_who_is_no_creator_is_whole(visit):
    owner = UserFactory(email="owner@lune.example", password=PASSWORD, is_staff=True)
    window = visit("en", NARROW)
    window.sign_in(owner.email, path=reverse("portal_sales"))
    # The browser itself says on the console that the answer was a 403.
    window.said.clear()

    assert window.faults(NARROW) == []
    assert window.page.get_by_text("which is not a creator's account").is_visible()


def test_a_stranger_signs_in_and_comes_back(code, visit):
    window = visit()
    window.sign_in(code.enrollment.creator.user.email, path=reverse("portal_payouts"))

    assert window.page.url.endswith(reverse("portal_payouts"))


def test_a_wrong_password_is_said_and_opens_nothing(code, visit):
    window = visit("en")
    window.go(reverse("portal_home"))
    window.page.fill("input[name=login]", code.enrollment.creator.user.email)
    window.page.fill("input[name=password]", "wrong")
    window.page.press("input[name=password]", "Enter")
    window.page.get_by_role("alert").wait_for()

    assert window.faults(WIDE, NARROW) == []
    window.go(reverse("portal_home"))
    assert "/accounts/login/" in window.page.url


# ------------------------------------------------------------------ what one does there


def test_a_filter_chooses_without_leaving_the_page(seller, visit):
    window = visit("en")
    window.sign_in(seller.user.email, path=reverse("portal_sales"))

    with window.page.expect_response(lambda answer: "state=held" in answer.url):
        window.page.select_option("select[name=state]", "held")
    window.page.wait_for_url("**state=held**")
    window.page.wait_for_function(
        "document.querySelectorAll('#sales tbody tr').length === 1"
    )

    assert window.page.locator("#sales a.title").all_inner_texts() == ["Held"]
    assert window.faults(WIDE, NARROW) == []


def test_a_filter_works_without_scripts(seller, visit):
    window = visit("en", java_script_enabled=False)
    window.sign_in(seller.user.email, path=reverse("portal_sales"))
    window.page.select_option("select[name=state]", "held")
    window.page.click("form.filters button")
    window.page.wait_for_url("**state=held**")

    assert window.page.locator("#sales a.title").all_inner_texts() == ["Held"]
    assert window.faults() == []


def test_the_chart_is_drawn_and_its_table_stays(seller, visit):
    window = visit("en")
    window.sign_in(seller.user.email)
    drawn = "Chart.getChart(document.querySelector('canvas')).data.datasets[1].data"
    shown = window.page.locator("#days-EUR tbody tr")

    assert window.page.locator("figure canvas").is_visible()
    assert shown.count() == 30
    assert window.page.evaluate(drawn) == [
        int(row.get_attribute("data-earned")) for row in shown.all()
    ]
    assert any(window.page.evaluate(drawn))


def test_a_link_is_copied_and_its_picture_opens(seller, visit):
    window = visit("en", permissions=["clipboard-read", "clipboard-write"])
    window.sign_in(seller.user.email, path=reverse("portal_links"))
    row = window.page.locator("tr", has_text="lea-shop")
    row.get_by_role("button", name="Copy").click()
    row.get_by_text("Copied").wait_for()
    row.locator("summary").click()
    picture = row.locator("img")
    loaded = "image => image.complete && image.naturalWidth > 0"
    window.page.wait_for_function(loaded, arg=picture.element_handle())

    assert window.page.evaluate("navigator.clipboard.readText()").endswith(
        "/l/lea-shop"
    )
    box = picture.bounding_box()
    assert (box["width"], box["height"]) == (160, 160)
    assert window.faults(WIDE, NARROW) == []


def test_the_language_changes_on_the_same_page(seller, visit):
    window = visit("fr")
    window.sign_in(seller.user.email, path=reverse("portal_sales") + "?state=held")
    window.page.locator(".foot").get_by_role("button", name="English").click()
    window.page.get_by_role("heading", name="Sales").wait_for()
    window.language = "en"

    assert window.page.url.endswith("/portal/sales/?state=held")
    assert window.faults(WIDE) == []


def test_a_sale_shows_as_soon_as_it_is_settled(seller, code, visit):
    window = visit("en")
    window.sign_in(seller.user.email)
    now = timezone.now()
    selling.sell(code, at=now, name="Just now", order__placed_at=now)
    window.go(reverse("portal_home"))

    assert window.page.locator("a.title").first.inner_text() == "Just now"


def test_the_look_finds_what_is_wrong(visit):
    """The negative control of every "whole": each fault planted here is found."""
    window = visit("en")
    window.go("/accounts/login/")
    before = window.faults(WIDE)
    window.page.evaluate(
        """() => {
          const main = document.querySelector("main");
          main.insertAdjacentHTML("beforeend", "<img src='/static/img/favicon.svg'>");
          main.insertAdjacentHTML("beforeend", `<p>${"wide".repeat(400)}</p>`);
          main.setAttribute("style", "color: red");
          console.error("planted");
        }"""
    )
    window.language = "fr"
    found = "\n".join(window.faults(WIDE))

    assert before == []
    assert "image-alt" in found
    assert "pixels wider" in found
    assert "refused style-src-attr" in found
    assert "planted" in found
    assert "not in fr" in found


# ------------------------------------------------------------------ by keyboard


def focused(window, script="el => el.className"):
    return window.page.evaluate(f"({script})(document.activeElement)")


@pytest.mark.parametrize("name", PAGES)
def test_the_first_key_offers_to_skip_to_the_content(seller, visit, name):
    window = visit("en")
    window.sign_in(seller.user.email, path=reverse(name))
    window.page.keyboard.press("Tab")
    box = window.page.locator(".skip").bounding_box()

    assert focused(window) == "skip"
    assert box["y"] >= 0
    window.page.keyboard.press("Enter")
    assert focused(window, "el => el.id") == "content"
    window.page.keyboard.press("Tab")
    assert focused(window, "el => !!el.closest('main')")


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_focus_is_seen_wherever_it_goes(seller, visit, width):
    # Without it the page glides to what has the focus, and is not there yet.
    window = visit("en", width, reduced_motion="reduce")
    window.sign_in(seller.user.email, path=reverse("portal_sales"))
    seen = """el => {
      const box = el.getBoundingClientRect();
      const of = (pseudo) => parseFloat(getComputedStyle(el, pseudo).outlineWidth) > 0
        && getComputedStyle(el, pseudo).outlineStyle !== "none";
      const ring = parseFloat(getComputedStyle(el).outlineWidth) > 0;
      const bar = document.querySelector(".topbar nav").getBoundingClientRect();
      const isFixed = getComputedStyle(document.querySelector(".topbar nav")).position;
      const isHidden = isFixed === "fixed" && !el.closest("nav") && box.top > bar.top;
      return { what: el.outerHTML.slice(0, 80), ring: ring && of(null) || of("::after"),
               shown: box.bottom > 0 && box.top < innerHeight && !isHidden };
    }"""
    unseen = []
    for _ in range(20):
        window.page.keyboard.press("Tab")
        place = focused(window, seen)
        if not place["ring"] or not place["shown"]:
            unseen.append(place)

    assert unseen == []


def test_the_account_menu_opens_and_closes_by_keyboard(seller, visit):
    window = visit("en")
    window.sign_in(seller.user.email)
    summary = window.page.locator("details.menu > summary")
    summary.focus()
    window.page.keyboard.press("Enter")
    sheet = window.page.get_by_role("button", name="Sign out")

    assert sheet.is_visible()
    assert window.faults(WIDE) == []
    window.page.keyboard.press("Escape")
    assert not sheet.is_visible()
    assert focused(window, "el => el.tagName") == "SUMMARY"


def test_who_signs_out_is_out(seller, visit):
    window = visit("en")
    window.sign_in(seller.user.email)
    window.page.locator("details.menu > summary").click()
    window.page.get_by_role("button", name="Sign out").click()
    window.page.wait_for_url("**/accounts/login/**")
    window.go(reverse("portal_home"))

    assert "/accounts/login/" in window.page.url
    assert window.faults() == []

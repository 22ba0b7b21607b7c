"""The usual way, in Django with all of the product's middleware."""

import time

from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path

from affiliate import urls
from creators import destinations
from creators.clicks import bots, token, visitors
from creators.models import Click, Link


def by_orm(request, slug):
    """Read the link and insert the click, through the ORM."""
    link = get_object_or_404(Link, slug=slug.lower(), closed_at=None)
    agent = request.headers.get("User-Agent", "")
    micros = time.time_ns() // 1000
    is_bot = bots.is_bot(agent)
    click_id = token.mint_at(link.pk, micros, token.Flag.BOT * is_bot)
    click = Click.objects.create(
        click_id=click_id,
        link=link,
        at=token.read(click_id).at,
        is_bot=is_bot,
        visitor_hash=visitors.digest(request.META["REMOTE_ADDR"], agent, micros),
    )
    before, after = destinations.around_click(link.destination)
    return HttpResponseRedirect(f"{before}{click.click_id}{after}")


urlpatterns = [path("l/<slug:slug>", by_orm), *urls.urlpatterns]

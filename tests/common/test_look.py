from django.template import Context, Template


def render(tag: str) -> str:
    return Template("{% load look %}" + tag).render(Context())


def test_an_icon_is_decoration_from_the_sprite():
    assert render('{% icon "home" %}') == (
        '<svg class="icon" aria-hidden="true">'
        '<use href="/static/img/icons.svg#home"></use></svg>'
    )


def test_the_platforms_name_is_text_and_not_markup(settings):
    settings.PLATFORM_NAME = "Salt & <b>"

    assert render("{% platform_name %}") == "Salt &amp; &lt;b&gt;"

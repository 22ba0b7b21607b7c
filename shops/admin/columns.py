"""Columns and buttons of the admin, typed; Unfold reads the attributes set here."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any, TypeVar

from django.db.models import Model
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.enums import ActionVariant

from affiliate.common.errors import Words

# What stands where there is nothing, in lists and on pages alike.
NOTHING = "–"
Method = TypeVar("Method", bound=Callable[..., Any])


def column(
    description: Words,
    *,
    ordering: str | None = None,
    label: Mapping[Any, str] | None = None,
    boolean: bool | None = None,
    empty: str | None = None,
) -> Callable[[Method], Method]:
    """Name a column; `label` gives a badge's colour for each value it may have.

    Such a column returns (value, words) and shows the words as a badge, in lists and
    on pages alike.
    """

    def named(method: Method) -> Method:
        shown: Any = method if label is None else _badge(method, label)
        attributes = {
            "short_description": description,
            "admin_order_field": ordering,
            "boolean": boolean,
            "empty_value_display": empty,
        }
        for name, value in attributes.items():
            if value is not None:
                setattr(shown, name, value)
        return shown  # type: ignore[no-any-return]  # shows the same in another way

    return named


def _badge(method: Callable[..., Any], colours: Mapping[Any, str]) -> Any:
    @wraps(method)
    def shown(*args: Any) -> SafeString:
        value, words = method(*args)
        return render_to_string(
            "unfold/helpers/label.html", {"text": words, "type": colours.get(value)}
        )

    return shown


def button(
    description: Words,
    *,
    icon: str,
    variant: ActionVariant = ActionVariant.DEFAULT,
    path: str | None = None,
) -> Callable[[Method], Method]:
    """Make a method a button of a row's page (`actions_detail`) or of the list."""

    def named(method: Method) -> Method:
        attributes = {
            "short_description": description,
            "icon": icon,
            "variant": variant,
            "url_path": path or method.__name__.replace("_", "-"),
            "attrs": {},
        }
        for name, value in attributes.items():
            setattr(method, name, value)
        return method

    return named


def names(lines: Iterable[str | Sequence[str]]) -> tuple[str, ...]:
    """Return the fields of a page, line by line, as one flat list."""
    return tuple(
        name for line in lines for name in ((line,) if isinstance(line, str) else line)
    )


def linked(obj: Model | None, words: object = None) -> SafeString | str:
    """Link to a row's page in the admin."""
    if obj is None:
        return ""
    words = str(obj) if words is None else words
    opts = obj._meta
    try:
        address = reverse(
            f"admin:{opts.app_label}_{opts.model_name}_change", args=[obj.pk]
        )
    except NoReverseMatch:
        return str(words)
    return format_html('<a class="text-link" href="{}">{}</a>', address, words)

from collections.abc import Mapping
from typing import ClassVar

from django.contrib import admin

from creators import tables
from shops.admin import tables as own
from shops.models import TableImport
from shops.tables.plan import Makers

admin.site.unregister(TableImport)


@admin.register(TableImport)
class TableImportAdmin(own.TableImportAdmin):
    """Imported tables, with invitations among them."""

    makers: ClassVar[Makers] = {**own.TableImportAdmin.makers, **tables.KINDS}
    lists: ClassVar[Mapping[str, str]] = {
        **own.TableImportAdmin.lists,
        "creators": "creators_enrollment",
    }

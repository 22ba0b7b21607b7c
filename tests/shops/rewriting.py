"""Terms of a program changed behind the back of the rule that they stay."""

from django.db import connection, transaction

from shops.models import Program


def rewrite(program, **terms):
    """Change a program's terms as if they had never been others, or its settings."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        Program.objects.filter(pk=program.pk).update(**terms)
        cursor.execute("set local session_replication_role = origin")

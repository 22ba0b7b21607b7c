"""Enrollments move along their arrows; acceptances stay in their program (I13, I21)."""

from django.db import migrations

ARROWS = (
    "('invited', 'active'), ('invited', 'rejected'), "
    "('applied', 'active'), ('applied', 'rejected'), "
    "('rejected', 'applied'), ('rejected', 'active'), ('rejected', 'invited'), "
    "('active', 'ended')"
)

FUNCTION = """
create function refuse_enrollment_arrow() returns trigger language plpgsql as $$
begin
  raise exception 'enrollment % cannot go from % to %', old.id, old.status, new.status
    using errcode = '23514', constraint = tg_name;
end $$
"""


def refuse(name, condition):
    return migrations.RunSQL(
        f"create trigger {name} before update of status on creators_enrollment "
        f"for each row when ({condition}) execute function refuse_enrollment_arrow()",
        f"drop trigger {name} on creators_enrollment",
    )


def tie(name, columns, target):
    return migrations.RunSQL(
        f"alter table creators_termsacceptance add constraint {name} "
        f"foreign key ({columns}) references {target} (id, program_id) "
        f"deferrable initially deferred",
        f"alter table creators_termsacceptance drop constraint {name}",
    )


class Migration(migrations.Migration):
    dependencies = [("creators", "0004_add_applications_and_acceptances")]

    operations = [
        migrations.RunSQL(FUNCTION, "drop function refuse_enrollment_arrow()"),
        refuse(
            "enrollment_moves_along_its_arrows",
            "old.status <> new.status "
            f"and (old.status, new.status) not in ({ARROWS})",
        ),
        # A rejection says when its creator may ask again; an invitation may come anyway.
        refuse(
            "enrollment_waits_before_it_asks_again",
            "old.status = 'rejected' and new.status in ('applied', 'active') "
            "and (old.may_apply_again = 'never' or old.may_apply_again = 'later' "
            "and coalesce(new.asked_at < old.again_at, true))",
        ),
        tie("terms_acceptance_version_is_of_its_program", "version_id, program_id",
            "shops_termsversion"),
        tie("terms_acceptance_enrollment_is_of_its_program",
            "enrollment_id, program_id", "creators_enrollment"),
    ]

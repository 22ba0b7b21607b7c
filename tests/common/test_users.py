import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError, connection

from affiliate.common.models import User
from tests.common.racing import race

pytestmark = pytest.mark.django_db


def test_an_address_is_kept_in_lower_case_and_found_in_any():
    user = User.objects.create_user("  Lea@Mail.Example ")

    assert user.email == "lea@mail.example"
    assert User.objects.get_by_natural_key("LEA@mail.example ") == user


def test_a_user_signs_in_by_address_and_password():
    user = User.objects.create_user("lea@mail.example", "correct horse")

    assert authenticate(username="LEA@mail.example", password="correct horse") == user
    assert authenticate(username="lea@mail.example", password="wrong horse") is None


def test_without_a_password_nobody_signs_in():
    user = User.objects.create_user("lea@mail.example")

    assert not user.has_usable_password()


def test_a_new_user_may_do_nothing_and_a_superuser_everything():
    user = User.objects.create_user("lea@mail.example")
    root = User.objects.create_superuser("root@mail.example")

    assert (user.is_active, user.is_staff, user.is_superuser) == (True, False, False)
    assert (root.is_staff, root.is_superuser) == (True, True)


@pytest.mark.parametrize(
    ("name", "full", "short"),
    [
        ("Léa Martin", "Léa Martin", "Léa"),
        ("", "lea@mail.example", "lea@mail.example"),
    ],
)
def test_a_user_is_called_by_name_or_else_by_address(name, full, short):
    user = User(email="lea@mail.example", name=name)

    assert (str(user), user.get_full_name(), user.get_short_name()) == (
        full,
        full,
        short,
    )


@pytest.mark.breaks("user_email_is_unique_without_case")
def test_one_address_has_one_account():
    User.objects.create_user("lea@mail.example")

    with pytest.raises(IntegrityError, match="user_email_is_unique_without_case"):
        User.objects.bulk_create([User(email="LEA@mail.example")])


def sign_up() -> User:
    return User.objects.create_user("lea@mail.example")


@pytest.mark.django_db(transaction=True)
def test_of_ten_who_take_an_address_at_once_one_gets_it():
    results = race([sign_up] * 10)

    assert sum(isinstance(result, User) for result in results) == 1
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_constraint_several_of_the_ten_get_it():
    with connection.cursor() as cursor:
        cursor.execute("drop index user_email_is_unique_without_case")
    try:
        results = race([sign_up] * 10)
    finally:
        User.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                "create unique index user_email_is_unique_without_case"
                " on common_user (lower(email))"
            )

    assert sum(isinstance(result, User) for result in results) == 10

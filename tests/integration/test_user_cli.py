"""`ekyc user`: people of the console, on a real database. The password comes from stdin."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from ekyc.cli import app
from ekyc.home import open_home
from ekyc.up import PEOPLE, ensure_people
from store.database import Store
from store.errors import SignInRefused
from store.sessions import SessionLimits
from store.sign_in import sign_in
from store.users import Role, find_user

run = CliRunner().invoke
pytestmark = pytest.mark.usefixtures("environment")
LIMITS = SessionLimits(idle_s=60, longest_s=60)
PASSWORD, OTHER = "trời hôm nay đẹp", "ngày mai cũng đẹp"


def _signs_in(store: Store, name: str, password: str) -> bool:
    try:
        sign_in(store, name=name, password=password, address="local", limits=LIMITS)
    except SignInRefused:
        return False
    return True


def test_a_person_signs_in_until_disabled(store: Store) -> None:
    arguments = ["user", "create", "nv-0042", "--role", "reviewer", "--branch", "HN-01"]
    made = run(app, arguments, input=PASSWORD + "\n")
    assert made.exit_code == 0, made.output
    user = find_user(store, "nv-0042")
    assert (user.role, user.branch) == (Role.REVIEWER, "HN-01")
    assert _signs_in(store, "nv-0042", PASSWORD)
    listed = run(app, ["user", "list"]).output
    assert "nv-0042" in listed
    assert run(app, ["user", "password", "nv-0042"], input=OTHER).exit_code == 0
    assert not _signs_in(store, "nv-0042", PASSWORD)
    assert run(app, ["user", "disable", "nv-0042"]).exit_code == 0
    assert not _signs_in(store, "nv-0042", OTHER)
    assert run(app, ["user", "enable", "nv-0042"]).exit_code == 0
    assert _signs_in(store, "nv-0042", OTHER)
    with store.auditor() as connection:
        kinds = connection.exec_driver_sql(
            "SELECT kind FROM audit.event WHERE kind LIKE 'user%%' ORDER BY seq"
        ).scalars()
        assert list(kinds) == ["user_created", "user_password_set", "user_disabled", "user_enabled"]


@pytest.mark.parametrize(
    ("name", "password", "code"),
    [
        ("nv-0042", "short", "password_refused"),
        ("nv-0042", "", "password_refused"),
        ("nv-0042", "NV-0042 và thêm chữ", "password_refused"),
        ("Nguyễn Lan", PASSWORD, "user_name_invalid"),
        ("ab", PASSWORD, "user_name_invalid"),
    ],
)
def test_what_is_refused_is_named(name: str, password: str, code: str) -> None:
    done = run(app, ["user", "create", name, "--role", "admin"], input=password)
    assert done.exit_code == 2
    assert code in done.output


def test_a_name_is_given_once_and_never_again() -> None:
    arguments = ["user", "create", "nv-0042", "--role", "auditor"]
    assert run(app, arguments, input=PASSWORD).exit_code == 0
    run(app, ["user", "disable", "nv-0042"])
    done = run(app, arguments, input=PASSWORD)
    assert done.exit_code == 2
    assert "user_name_taken" in done.output
    assert "user_unknown" in run(app, ["user", "disable", "nobody"]).output


def test_one_machine_has_people_whose_passwords_are_kept(store: Store, tmp_path) -> None:  # type: ignore[no-untyped-def]
    home = open_home(tmp_path / "home")
    first = ensure_people(home, store)
    assert set(first) == set(PEOPLE)
    assert _signs_in(store, "admin", first["admin"])
    assert home.passwords_file.stat().st_mode & 0o077 == 0
    assert ensure_people(home, store) == first

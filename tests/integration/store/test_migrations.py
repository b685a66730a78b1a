"""The schema goes up, down and up again, and several may migrate at once."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import psycopg
import pytest
from sqlalchemy import create_engine, inspect

from store.migrate import downgrade, upgrade
from store.models import Model


def _dsn(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


def _objects(url: str) -> set[tuple[str, ...]]:
    with psycopg.connect(_dsn(url)) as db:
        return set(
            db.execute(
                "SELECT table_schema, table_name FROM information_schema.tables"
                " WHERE table_schema IN ('public', 'audit')"
                " UNION SELECT 'function', proname FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace"
                " WHERE nspname IN ('public', 'audit')"
            ).fetchall()
        )


def test_up_down_up(empty_database_url: str) -> None:
    upgrade(empty_database_url)
    first = _objects(empty_database_url)
    assert ("audit", "event") in first
    assert ("public", "stages") in first
    downgrade(empty_database_url)
    assert _objects(empty_database_url) == {("public", "alembic_version")}
    upgrade(empty_database_url)
    assert _objects(empty_database_url) == first


def test_several_may_migrate_at_once(empty_database_url: str) -> None:
    with ProcessPoolExecutor(3, mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(upgrade, [empty_database_url] * 3))
    assert ("public", "cases") in _objects(empty_database_url)


def test_everything_belongs_to_the_owner_role(database_url: str) -> None:
    with psycopg.connect(_dsn(database_url)) as db:
        owners = db.execute(
            "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname IN ('public', 'audit')"
            " AND tablename <> 'alembic_version'"
        ).fetchall()
    assert owners == [("ekyc_owner",)]


@pytest.mark.parametrize("table", Model.metadata.sorted_tables, ids=lambda table: table.name)
def test_models_are_the_tables(database_url: str, table) -> None:  # type: ignore[no-untyped-def]
    engine = create_engine(database_url)
    real = {column["name"]: column for column in inspect(engine).get_columns(table.name)}
    engine.dispose()
    modelled = {column.name: column for column in table.columns}
    assert set(modelled) <= set(real)
    assert set(real) - set(modelled) <= {"changed_by"}
    for name, column in modelled.items():
        assert column.nullable == real[name]["nullable"], name

"""The schema, its migrations, the demo data and what comes back out of either database."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Engine, insert, inspect, select, text, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError, StatementError

from ivr.bootstrap import Application
from ivr.callflow.support_session import State
from ivr.errors import ConfigurationError
from ivr.storage import migrate
from ivr.storage.database import PATIENCE_SECONDS, open_engine, reading, writing
from ivr.storage.demo import load_demo
from ivr.storage.models import Call, Contact, Customer, Location, Technician, Ticket
from tests.fakes import MONDAY_TEN, CountedIds, FrozenClock, Notebook
from tests.lab.servers import REPOSITORY, lab_environment
from tests.players import rehearsal_player
from tests.service.conftest import Telephone, contents, set_up
from tests.story import STORIES, Story, prepare
from tests.wiring import demo_document

FIRST_TICKET = 100001


@pytest.fixture
def engine(empty_url: str) -> Iterator[Engine]:
    """An empty database."""
    engine = open_engine(empty_url)
    yield engine
    engine.dispose()


def test_there_is_one_newest_migration() -> None:
    assert len(migrate.heads()) == 1


def test_an_upgraded_database_is_what_the_models_say(engine: Engine) -> None:
    assert not migrate.is_current(engine)
    migrate.upgrade(engine)
    assert migrate.is_current(engine)
    assert migrate.differences(engine) == []


def test_a_difference_would_be_seen(engine: Engine) -> None:
    """The comparison above is not blind, neither to a missing index nor to another length."""
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("DROP INDEX ix_phone_number_number"))
        connection.execute(text("ALTER TABLE technician ADD COLUMN shoe_size INTEGER"))
    assert len(migrate.differences(engine)) == 2


def test_upgrading_twice_is_harmless(engine: Engine) -> None:
    migrate.upgrade(engine)
    before = inspect(engine).get_table_names()
    migrate.upgrade(engine)
    assert inspect(engine).get_table_names() == before


def test_all_the_way_down_and_up_again(engine: Engine) -> None:
    migrate.upgrade(engine)
    _downgrade(engine)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    assert not migrate.is_current(engine)
    migrate.upgrade(engine)
    assert migrate.differences(engine) == []


def _downgrade(engine: Engine) -> None:
    with engine.connect() as connection, connection.begin():
        command.downgrade(migrate._config(connection), "base")


def test_a_failing_migration_leaves_nothing(engine: Engine) -> None:
    """Half a schema would be worse than none."""
    migrate._make_file(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE recording (id INTEGER)"))
    with pytest.raises(SQLAlchemyError, match="recording"):
        migrate.upgrade(engine)
    assert inspect(engine).get_table_names() == ["recording"]


def test_a_ticket_has_six_digits_from_the_first(line: Application) -> None:
    Telephone(line).ring()
    with reading(line.storage.engine) as connection:
        assert connection.execute(select(Ticket.number)).scalars().all() == [FIRST_TICKET]


@pytest.mark.postgresql
@pytest.mark.parametrize("story", STORIES, ids=str)
def test_postgresql_tells_the_story(
    story: Story, demo_postgres: str, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = FrozenClock(datetime.fromisoformat(story.at).astimezone(UTC))
    given: dict[str, Any] = {"clock": clock, "ids": CountedIds(), "observer": Notebook()}
    app = prepare(story, data_dir, database_url=demo_postgres, **given)
    told = rehearsal_player.tell(app, story, capsys)
    app.storage.engine.dispose()
    assert {name: told[name] for name in story.expected} == story.expected


def test_loading_the_demo_data_again_is_harmless(line: Application) -> None:
    loaded = contents(line)
    assert set_up(line) == 0
    assert contents(line) == loaded


def test_the_demo_data_adds_only_what_is_missing(line: Application) -> None:
    """A demo customer that somebody renamed keeps his name; a new one of the file is added."""
    engine = line.storage.engine
    with writing(engine) as connection:
        renamed = update(Customer).where(Customer.number == "11001").values(name="Renamed")
        connection.execute(renamed)
        connection.execute(update(Customer).where(Customer.number == "11002").values(number="99"))
    assert set_up(line) == 1
    with reading(engine) as connection:
        names = dict(connection.execute(select(Customer.number, Customer.name)).all())
    assert names["11001"] == "Renamed"
    assert names["11002"] == "Clinique du Lac"


def test_demo_customers_get_their_people_once_also_where_they_had_none(line: Application) -> None:
    """The database of an earlier demonstration; every address is of a name that nobody can own."""
    for _ in range(2):
        load_demo(line.storage.engine, demo_document(contacts=True), line.pins)
    with reading(line.storage.engine) as connection:
        people = select(Customer.number, Contact.email).join(Contact)
        found = [tuple(row) for row in connection.execute(people.order_by(Customer.number))]
    assert [number for number, _ in found] == [str(number) for number in range(11001, 11016)]
    assert [mail for _, mail in found if not str(mail).endswith(".example")] == []


def test_a_demo_customers_people_are_mailed_their_link(line: Application) -> None:
    load_demo(line.storage.engine, demo_document(contacts=True), line.pins)
    Telephone(line).ring()
    with line.storage.reading() as uow:
        mails = uow.outbox.list_for_ticket(FIRST_TICKET)
    assert ["/c/" in mail.body for mail in mails if mail.recipient.endswith(".example")] == [True]


@pytest.mark.parametrize("model", [Customer, Technician])
def test_the_demo_data_is_refused_beside_real_data(line: Application, model: Any) -> None:
    with writing(line.storage.engine) as connection:
        connection.execute(update(model).where(model.id == 1).values(demo=False))
    before = contents(line)
    with pytest.raises(ConfigurationError, match=f"real {model.__tablename__}"):
        set_up(line)
    assert contents(line) == before


def test_the_command_sets_a_database_up(empty_url: str, tmp_path: Path) -> None:
    loaded = _demo(empty_url, tmp_path)
    assert loaded.returncode == 0, loaded.stderr
    assert "15 demo customers are there, 15 of them new." in loaded.stdout
    engine = open_engine(empty_url)
    with writing(engine) as connection:
        connection.execute(update(Customer).where(Customer.number == "11001").values(demo=False))
    engine.dispose()
    refused = _demo(empty_url, tmp_path)
    assert refused.returncode == 2
    assert refused.stderr.startswith("pikett: demo: this database holds a real customer")


def _demo(url: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ivr", "demo"],
        cwd=REPOSITORY,
        env=lab_environment(folder / "state") | {"PIKETT_DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.rule("B.3")
def test_instants_come_back_aware_and_in_utc(line: Application) -> None:
    """Whatever offset they were given in, and whatever zone the server believes to be in."""
    zurich = timezone(timedelta(hours=1))
    telephone = Telephone(line, at=MONDAY_TEN.astimezone(zurich) + timedelta(microseconds=123456))
    call_id = telephone.wait_for(State.CONFIRMING).call_id
    with line.storage.reading() as uow:
        received = uow.calls.get(call_id).received_at
        turns = uow.calls.list_turns(call_id)
    assert received == MONDAY_TEN + timedelta(microseconds=123456)
    assert {each.utcoffset() for each in (received, *(turn.at for turn in turns))} == {timedelta(0)}


@pytest.mark.rule("B.3")
def test_a_naive_instant_is_refused(line: Application) -> None:
    with pytest.raises(StatementError, match="naive"), line.storage.writing() as uow:
        uow.calls.note("nobody", ended_at=datetime(2026, 11, 23, 9))


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ("\0", ""),
        ("+41\x0044 000 10 01", "+4144 000 10 01"),
        ("x" * 5000, "x" * 128),
        ("é'\"\\\r\n;--", "é'\"\\\r\n;--"),
        ("🦊" * 200, "🦊" * 128),
    ],
    ids=["nul", "nul inside", "endless", "quotes and line breaks", "pictures"],
)
def test_a_caller_id_may_hold_anything(line: Application, raw: str, stored: str) -> None:
    """PostgreSQL stores no NUL; whoever sends one is answered like everybody else."""
    assert Telephone(line, caller=raw).begin().state == State.CHOOSING_LANGUAGE
    with reading(line.storage.engine) as connection:
        assert connection.execute(select(Call.caller_raw)).scalar() == stored


def test_what_does_not_exist_cannot_be_referred_to(line: Application) -> None:
    """SQLite looks at foreign keys only if it is told to, on each connection."""
    with pytest.raises(IntegrityError), writing(line.storage.engine) as connection:
        connection.execute(insert(Location), {"customer_id": 999999, "name": "Nowhere"})


def test_nothing_of_a_failed_transaction_is_stored(line: Application) -> None:
    before = contents(line)

    def fail() -> None:
        with line.storage.writing() as uow:
            uow.connection.execute(update(Technician).values(name="Nobody"))
            uow.connection.execute(insert(Location), {"customer_id": 1, "name": "Half"})
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        fail()
    assert contents(line) == before


def test_reading_takes_no_lock(line: Application) -> None:
    """A page that reads never makes a call wait, nor the other way round."""
    call_id = Telephone(line).begin().call_id
    with line.storage.reading() as reader:
        assert reader.calls.get(call_id).ended_at is None
        with line.storage.writing() as writer:
            writer.calls.note(call_id, ended_at=MONDAY_TEN)
            with line.storage.reading() as other:
                assert other.calls.get(call_id).ended_at is None
    with line.storage.reading() as reader:
        assert reader.calls.get(call_id).ended_at == MONDAY_TEN


def test_a_connection_may_write_again_and_lets_others_write_then(line: Application) -> None:
    engine = line.storage.engine
    with engine.connect() as connection:
        for name in ("Once", "Twice"):
            with connection.begin():
                connection.execute(update(Technician).values(name=name))
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(insert(Location), {"customer_id": 999999, "name": "Nowhere"})
    with writing(engine) as connection:
        assert connection.execute(select(Technician.name).distinct()).scalar() == "Twice"


def test_sqlite_keeps_what_it_promises(app: Application) -> None:
    """On every connection of the pool: WAL, a power cut loses nothing, foreign keys count."""
    pragmas = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    pragmas["busy_timeout"] = PATIENCE_SECONDS * 1000
    engine = app.storage.engine
    with reading(engine) as first, reading(engine) as second:
        for connection in (first, second):
            found = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas
            }
            assert found == pragmas


@pytest.mark.postgresql
def test_postgresql_waits_for_nobody_for_long(demo_postgres: str) -> None:
    engine = open_engine(demo_postgres)
    with engine.connect() as connection:
        for setting in ("lock_timeout", "idle_in_transaction_session_timeout"):
            shown = connection.execute(text(f"SHOW {setting}")).scalar()
            assert shown == f"{PATIENCE_SECONDS}s"
        assert connection.execute(text("SHOW synchronous_commit")).scalar() == "on"
        assert connection.execute(text("SHOW timezone")).scalar() != "UTC"
    engine.dispose()

"""A call in a year whose holidays nobody has seeded is answered, and an operator is told."""

from datetime import UTC, datetime

import pytest

from ivr.bootstrap import Application
from ivr.callflow.requests import AssessWindow
from ivr.services.context import Context
from tests.fakes import Notebook


@pytest.mark.parametrize(
    ("plan", "at", "reported"),
    [
        ("pro", datetime(2029, 1, 2, 9, tzinfo=UTC), "2029-01-02"),
        ("pro", datetime(2028, 12, 29, 18, tzinfo=UTC), "2028-12-29"),
        ("pro", datetime(2028, 12, 29, 17, tzinfo=UTC), None),
        ("premium", datetime(2029, 1, 2, 9, tzinfo=UTC), None),
    ],
)
def test_an_operator_is_told_where_holidays_count(
    app: Application, notebook: Notebook, plan: str, at: datetime, reported: str | None
) -> None:
    with app.storage.reading() as uow:
        answer = app.identification.assess(
            Context(uow, "call", "call", at), AssessWindow(plan, 1, 1)
        )
    assert answer.window.calendar_known is (reported is None)
    assert [(what, facts["day"]) for what, facts in notebook.troubles] == (
        [] if reported is None else [("calendar_year_missing", reported)]
    )

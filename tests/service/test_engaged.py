"""Who answered a call whose caller has gone is free again soon, heard of or not."""

from datetime import timedelta

from ivr.bootstrap import Application
from tests.service.conftest import Telephone, legs_of


def test_whoever_answered_is_free_soon_after_the_caller_has_gone(app: Application) -> None:
    """His own hang-up never comes, as after a power cut during the whisper."""
    telephone = Telephone(app)
    ringing = telephone.ring()
    (leg,) = legs_of(ringing)
    app.calls.begin_leg(leg.attempt_id, telephone.at)
    with app.storage.reading() as uow:
        technician = uow.attempts.get(leg.attempt_id).technician_id
    assert technician is not None
    telephone.hang_up(ringing)

    def is_engaged(seconds: float) -> bool:
        at = telephone.at + timedelta(seconds=seconds)
        with app.storage.reading() as uow:
            return uow.attempts.is_engaged(technician, at, rehearsal=False)

    assert is_engaged(1)
    assert not is_engaged(15)

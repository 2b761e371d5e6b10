"""The part of the wiring that the service desk needs; see `ivr/bootstrap.py`."""

from datetime import timedelta
from functools import cached_property

from ivr.bootstrap_work import WorkParts
from ivr.services.consents import Consents
from ivr.services.desk import Desk
from ivr.services.desk_board import DeskBoard
from ivr.services.desk_cards import DeskCards
from ivr.services.desk_checks import DeskChecks
from ivr.services.desk_disturbances import DeskDisturbances
from ivr.services.desk_duty import DeskDuty
from ivr.services.desk_orders import DeskOrders, Parts
from ivr.services.desk_sight import Sights
from ivr.services.desk_withdrawals import DeskWithdrawals
from ivr.services.identification import Identification
from ivr.services.notes import Notes
from ivr.voice.catalogue import Catalogue


class DeskParts(WorkParts):
    """Board, cards and orders of the desk; the rest of the wiring gives what they stand on."""

    @property
    def catalogue(self) -> Catalogue:
        """The words of the line."""
        raise NotImplementedError

    @property
    def identification(self) -> Identification:
        """Customers and windows."""
        raise NotImplementedError

    @property
    def consents(self) -> Consents:
        """Consents and their chain."""
        raise NotImplementedError

    @cached_property
    def desk_cards(self) -> DeskCards:
        """Cards of the service desk, made when it is rung."""
        keep = timedelta(hours=self.settings.desk.card_hours)
        return DeskCards(self.storage, self.ids, keep)

    @cached_property
    def desk_board(self) -> DeskBoard:
        """The calls in progress."""
        return DeskBoard(self.storage, self.clock, self.plans, self.turn_order)

    @cached_property
    def desk_disturbances(self) -> DeskDisturbances:
        """What is out of order, in the line's words."""
        return DeskDisturbances(self.storage, self.clock, self.catalogue)

    @cached_property
    def _desk_sights(self) -> Sights:
        return Sights(self.identification, self.catalogue)

    @cached_property
    def desk(self) -> Desk:
        """What an agent does on a card."""
        return Desk(
            self.storage, self.clock, self._desk_sights, self.desk_cards, self.identification
        )

    @cached_property
    def desk_orders(self) -> DeskOrders:
        """What a card comes to."""
        parts = Parts(self.identification, Notes(self.observer), self.consents, self._tickets)
        return DeskOrders(self.storage, self.clock, self._desk_sights, parts)

    @cached_property
    def desk_checks(self) -> DeskChecks:
        """Whether a caller is who he says he is."""
        return DeskChecks(self.storage, self.clock, self._desk_sights, self.identification)

    @cached_property
    def desk_withdrawals(self) -> DeskWithdrawals:
        """Orders that are taken back before anybody accepted."""
        return DeskWithdrawals(
            self.storage, self.clock, self.faults, self._tickets, self.escalations
        )

    @cached_property
    def desk_duty(self) -> DeskDuty:
        """Which agent takes calls, and which has which."""
        return DeskDuty(self.storage, self.clock)

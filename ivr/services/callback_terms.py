"""What the emergency form offers at an instant: the price, its terms, and the words that say so (Q9).

The words are those of the line, from the same figures, so that the form, the sealed consent and the
statement cannot differ. Nothing is invented: what is not enabled is not offered.
"""

from dataclasses import dataclass
from datetime import datetime

from ivr.callflow.notices import emergency_notice
from ivr.callflow.prompts import Language, Prompt
from ivr.callflow.support_session import SupportSession
from ivr.contracts.conditions import Conditions, EmergencyTerms
from ivr.contracts.money import Price, price
from ivr.contracts.offers import OfferKind, OfferRules
from ivr.contracts.plans import FirstReaction, ReactionKind
from ivr.contracts.windows import is_in_office_hours, local_time
from ivr.services.ports import Wording


@dataclass(frozen=True, slots=True)
class Offered:
    """The product as it is sold now. `free_now`: the regular, free support can be reached too."""

    fee: Price
    terms: EmergencyTerms
    prompts: tuple[Prompt, ...]
    text: str
    figures: Conditions

    @property
    def free_now(self) -> bool:
        """Item 80: told before any cost; the order stays possible."""
        return self.terms.free_support_now


class EmergencyTermsReader:
    """Reads the tariffs."""

    def __init__(self, rules: OfferRules, wording: Wording) -> None:
        self._rules = rules
        self._wording = wording

    def offered(self, language: str, at: datetime) -> Offered | None:
        """None where the product is not sold on the web."""
        if not self._rules.tariffs.emergency.enabled:
            return None
        figures = self._figures(at)
        said = emergency_notice(SupportSession(language=Language(language)), figures)
        prompts = tuple(map(self._wording.chosen, said))
        text = " ".join(self._wording.text(prompt) for prompt in prompts)
        assert figures.price is not None  # noqa: S101
        assert figures.emergency is not None  # noqa: S101
        return Offered(figures.price, figures.emergency, prompts, text, figures)

    def _figures(self, at: datetime) -> Conditions:
        """Whatever plan answers for the place: the product promises its own call back."""
        product = self._rules.tariffs.emergency
        vat = self._rules.tariffs.vat.rate_on(local_time(at).date())
        terms = EmergencyTerms(
            product.included_minutes,
            price(product.rate_per_hour_after, vat),
            product.callback_minutes,
            is_in_office_hours(product.regular_hours, self._rules.calendar, at),
        )
        return Conditions(
            plan_id="",
            reaction=FirstReaction(ReactionKind.BEST_EFFORT),
            offer=OfferKind.EMERGENCY,
            price=price(product.flat_fee, vat),
            emergency=terms,
            terms=self._rules.version,
        )

"""The words that are stored, exported and typed: changing one breaks what is already written."""

from enum import StrEnum

import pytest

from ivr.contracts.agreements import AgreementKind
from ivr.contracts.billing import Cause
from ivr.contracts.commitments import Standing
from ivr.contracts.faults import Category, Fact, FaultClass, Mode, Phase, Role, YesNo
from ivr.contracts.ledgers import Movement
from ivr.contracts.lines import LineKind
from ivr.contracts.offers import OfferKind, Requirement
from ivr.contracts.plans import Clock, ReactionKind

WORDS: dict[type[StrEnum], str] = {
    AgreementKind: "cla software_maintenance hardware_maintenance sla hour_package",
    Cause: "winet_basic_service customer_environment application_analysis third_party unknown",
    Standing: "open kept missed ended",
    Category: "system_configuration system_data_recovery hardware_replacement other",
    Fact: "first_reaction fault_class spof cause provisional problem category mode phase responsible"
    " involved done",
    FaultClass: "minor main major critical",
    Mode: "remote on_site",
    Phase: "new ordered dispatched accepted first_reaction in_work provisional resolved closed"
    " withdrawn refused transferred_to_problem",
    Role: "technician lead desk line",
    YesNo: "yes no",
    Movement: "granted consumed expired",
    LineKind: "work application_analysis free_units hour_package fast_lane fast_lane_credit"
    " emergency_flat_fee emergency_work emergency_application_analysis",
    OfferKind: "order fast_lane emergency ticket service_desk",
    Requirement: "support_code preconditions",
    Clock: "service elapsed",
    ReactionKind: "hours next_business_day best_effort",
}


@pytest.mark.parametrize("vocabulary", WORDS, ids=lambda vocabulary: vocabulary.__name__)
def test_the_words_of_a_vocabulary_stay_as_they_are(vocabulary: type[StrEnum]) -> None:
    assert [str(word) for word in vocabulary] == WORDS[vocabulary].split()

"""Correcting a closed case: by whoever closed it, and by leads and admins."""

from collections.abc import Mapping

from flask import Response, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ivr.contracts.billing import Cause
from ivr.contracts.faults import Category, FaultClass, Mode, YesNo
from ivr.services.closing import Problems
from ivr.services.correction_form import (
    ClosedCase,
    CorrectedMeanwhileError,
    CorrectionRefusedError,
    Corrector,
    NotForHimError,
    NothingChangedError,
    parse_correction,
)
from webhooks.console.access import Role, allowed, audit, current_person
from webhooks.console.audit_words import told_change
from webhooks.console.pages import render, words
from webhooks.console.technician.ground import blueprint, own_technician, page_or_404
from webhooks.container import pikett

FIELDS = ("fault_class", "cause", "minutes", "mode", "category", "reason")
"""What may be wrong, in the order of the form."""


@blueprint.get("/tickets/<int:number>/correct")
@allowed(Role.TECHNICIAN, Role.LEAD, Role.ADMIN)
def correct(number: int) -> AnyResponse:
    """The form with what stands; a case that is not closed has none."""
    if not page_or_404(number).is_over:
        return redirect(url_for("technician.ticket", number=number))
    case = _case(number)
    audit("looked_at", f"ticket {number}")
    return _form(case, _begun(case), {}, 200)


@blueprint.post("/tickets/<int:number>/correct")
@allowed(Role.TECHNICIAN, Role.LEAD, Role.ADMIN)
def store_correction(number: int) -> AnyResponse:
    """What stands after a refusal is shown beside what was typed; nothing typed is lost."""
    page_or_404(number)
    t, asked = words(), _asked(number)
    try:
        pikett().corrections.correct(asked, parse_correction(request.form))
    except NotForHimError:
        abort(403)
    except CorrectionRefusedError as error:
        return _form(_case(number), request.form, error.problems, 422)
    except CorrectedMeanwhileError as error:
        case = _case(number)
        typed = {**request.form, "seen": case.version}
        return _form(case, typed, {}, 409, meanwhile=error.name)
    except NothingChangedError:
        flash(t("tech.told.same"), "warning")
    else:
        flash(t("tech.told.corrected"), "success")
    return redirect(url_for("technician.ticket", number=number))


def _asked(number: int) -> Corrector:
    seen, now = request.form.get("seen", ""), pikett().clock.now()
    return Corrector(number, current_person(), own_technician(), seen, now)


def _case(number: int) -> ClosedCase:
    try:
        return pikett().corrections.case(_asked(number))
    except NotForHimError:
        abort(403)


def _begun(case: ClosedCase) -> Mapping[str, str]:
    """What stands."""
    spof = "yes" if case.values["spof"] == YesNo.YES else ""
    return {**case.values, "spof": spof, "seen": case.version}


def _form(
    case: ClosedCase,
    typed: Mapping[str, str],
    problems: Problems,
    status: int,
    meanwhile: str | None = None,
) -> Response:
    t = words()
    return render(
        "technician/correct.html",
        status,
        page=case.page,
        case=case,
        typed=typed,
        problems=problems,
        fields=FIELDS,
        focus=next((field for field in FIELDS if field in problems), ""),
        meanwhile=meanwhile,
        stands=[told_change(t, name, value) for name, value in case.values.items() if value],
        choices={"fault_class": FaultClass, "cause": Cause, "mode": Mode, "category": Category},
    )

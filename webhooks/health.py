"""Health of the web side: alive, ready, metrics over all processes of all servers."""

import os

import structlog
from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy.exc import SQLAlchemyError

from ivr.bootstrap import Application
from ivr.callflow.prompts import Language, PromptKey, prompt
from ivr.errors import SpeechError
from ivr.storage import migrate
from webhooks.container import pikett

blueprint = Blueprint("health", __name__)
_log = structlog.get_logger()


@blueprint.get("/healthz")
def healthz() -> Response:
    """This process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Calls can be taken: the database is there and current, the line can speak."""
    checks = {"database": _database_ready(pikett()), "sounds": _sounds_ready(pikett())}
    ready = all(checks.values())
    return jsonify(status="ok" if ready else "not ready", **checks), 200 if ready else 503


@blueprint.get("/metrics")
def metrics() -> Response:
    """Prometheus text; added up over all processes where they share a folder."""
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _database_ready(application: Application) -> bool:
    try:
        is_current = migrate.is_current(application.storage.engine)
    except SQLAlchemyError as error:
        _log.error("database_unreachable", error=type(error).__name__)
        return False
    if not is_current:
        why = "no such file" if application.is_database_missing() else "not migrated"
        _log.error("database_unreachable", error=why)
    return is_current


def _sounds_ready(application: Application) -> bool:
    greetings = [prompt(PromptKey.GREETING, language) for language in Language]
    try:
        return application.sounds.beforehand(greetings) > 0
    except SpeechError as error:
        _log.error("sounds_missing", error=str(error))
        return False

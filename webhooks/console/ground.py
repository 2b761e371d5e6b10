"""The blueprint of what everybody's pages stand on: login, lists, people, audit log, style."""

from flask import Blueprint

blueprint = Blueprint(
    "console",
    __name__,
    url_prefix="/console",
    template_folder="templates",
    static_folder="static",
)

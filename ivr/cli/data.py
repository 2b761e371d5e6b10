"""`pikett migrate` and `pikett demo`: setting a database up."""

import click

from ivr import resources
from ivr.cli.common import application
from ivr.storage import migrate as migrations
from ivr.storage.demo import load_demo


@click.command()
def migrate() -> None:
    """Bring the database to the newest form; harmless when it already is.

    \b
    Example:
      PIKETT_DATABASE_URL=postgresql+psycopg:///pikett pikett migrate
    """
    app = application("warning")
    migrations.upgrade(app.storage.engine)
    click.echo(f"The database {app.storage.engine.url.render_as_string()} is up to date.")


@click.command()
def demo() -> None:
    """Set up a database with demo customers; may be repeated.

    Refused in a database that holds real customers.

    \b
    Example:
      PIKETT_DATA_DIR=/tmp/try pikett demo
    """
    app = application("warning")
    migrations.upgrade(app.storage.engine)
    document = resources.load_yaml(resources.folder("config") / "demo.yaml")
    added = load_demo(app.storage.engine, document, app.pins)
    total = len(document["customers"])
    click.echo(f"{total} demo customers are there, {added} of them new.")
    people = document["people"]
    logins = ", ".join(each["login"] for each in people["logins"])
    click.echo(f"Log in at {app.settings.public_url}/console/ as {logins};")
    click.echo(f"the password of each is {people['password']}.")

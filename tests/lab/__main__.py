"""`make lab`: a real Asterisk with the project's configuration, for softphones.

It has a data folder of its own (var/lab), so it can run beside `make run`.
"""

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from ivr.bootstrap import build
from ivr.cli import cli
from ivr.settings import load_settings
from ivr.storage.demo import list_demo_callers
from tests.lab import parts
from tests.lab.servers import REPOSITORY, FastAgiServer, Worker
from tests.lab.softphones import ACCOUNTS, STRANGER, SoftphoneAsterisk

EXAMPLES = """examples:
  python -m tests.lab                          softphones on this machine
  python -m tests.lab --host 192.168.1.20      telephones in the same network
"""


def main() -> None:
    """Start everything, say how to call, wait for Ctrl-C."""
    options = _options()
    if not parts.has_asterisk() or os.geteuid() != 0:
        sys.exit("The lab needs root and Asterisk; `sudo make lab` installs it on Debian.")
    data_dir = REPOSITORY / "var" / "lab"
    _prepare(data_dir)
    folder = data_dir / "processes"
    (folder / "asterisk").mkdir(parents=True, exist_ok=True)
    fastagi = FastAgiServer(data_dir, folder, {}).start()
    worker = Worker(data_dir, folder, {}).start()
    asterisk = SoftphoneAsterisk(
        folder / "asterisk",
        data_dir,
        f"agi://127.0.0.1:{fastagi.port}",
        sip_port=options.port,
        callers=_callers(),
        host=options.host,
    )
    try:
        asterisk.start()
        print(_greeting(asterisk, data_dir), flush=True)
        _wait_for_end()
    finally:
        for server in (asterisk, fastagi, worker):
            server.stop()
        print("Stopped.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.lab",
        description="Start an Asterisk of the lab for your softphones.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address for SIP and audio")
    parser.add_argument("--port", type=int, default=5060, help="UDP port for SIP")
    return parser.parse_args()


def _prepare(data_dir: Path) -> None:
    os.environ["PIKETT_DATA_DIR"] = str(data_dir)
    for command in (["demo"], ["prompts", "build"]):
        cli(command, standalone_mode=False)
    for name in ("inbox", "spool"):
        (data_dir / name).mkdir(exist_ok=True)


def _callers() -> dict[str, str]:
    engine = build(load_settings()).storage.engine
    return {each.customer_number: each.phone for each in list_demo_callers(engine)}


def _greeting(asterisk: SoftphoneAsterisk, data_dir: Path) -> str:
    accounts = "\n".join(
        f"  {name:<12} sip:{name}@{asterisk.host}:{asterisk.sip_port}   password {asterisk.password}"
        for name in ACCOUNTS
    )
    numbers = ", ".join(asterisk.callers)
    return f"""
{asterisk.version} answers. Accounts for your softphones (UDP, no encryption):

{accounts}

Dial with `customer`:
  {STRANGER:<12} call with a withheld number; then 1 for German, support code 11001 123456
  11001 ...    call as this customer: {numbers}
A technician's call rings at `technician`, one for the service desk at `desk`.

Logs and state: {data_dir}. Ctrl-C stops everything.
"""


def _wait_for_end() -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    while not stop.wait(1):
        pass


if __name__ == "__main__":
    main()

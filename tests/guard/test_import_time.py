"""Nothing works at import time: no file is written, no socket opened, no process started."""

import os
import subprocess
import sys
from pathlib import Path

from tests.guard.sources import ROOT, sources

NOT_FOR_IMPORT = {
    "ivr.__main__": "runs the command line",
    "ivr.storage.migrations.env": "run by alembic within a migration",
    "agi_scripts.gunicorn_conf": "gunicorn's settings: reads ours, as gunicorn wants it",
    "webhooks.gunicorn_conf": "gunicorn's settings: reads ours, as gunicorn wants it",
}
OPTIONAL = {
    "ivr.voice.decode": "av, numpy and soxr, the extra `speech`",
    "ivr.voice.foreign": "numpy and soxr, the extra `speech`",
    "ivr.voice.levelling": "numpy and soxr, the extra `speech`",
    "ivr.voice.mastering": "numpy and soxr, the extra `speech`",
    "ivr.voice.pico": "py_nanotts, the extra `speech`",
}

WATCHED_IMPORT = """
import os, sys
FORBIDDEN = ("socket.bind", "socket.connect", "subprocess.Popen", "os.system", "os.mkdir",
             "os.remove", "os.rename", "sqlite3.connect", "os.fork")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC

def watch(event, arguments):
    if event in FORBIDDEN or (event == "open" and (arguments[2] or 0) & WRITING):
        print(f"{importing}: {event} {arguments}", file=sys.stderr)
        os._exit(3)

for importing in ("urllib3",):  # tries at its import whether there is IPv6
    __import__(importing)
sys.addaudithook(watch)
for importing in sys.argv[1:]:
    __import__(importing)
"""


def test_importing_any_module_leaves_no_trace(tmp_path: Path) -> None:
    names = [source.name for source in sources()]
    assert set(NOT_FOR_IMPORT) | set(OPTIONAL) <= set(names)
    wanted = [name for name in names if name not in NOT_FOR_IMPORT and name not in OPTIONAL]
    environment = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-B", "-c", WATCHED_IMPORT, *wanted],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


def test_the_text_to_speech_engine_is_loaded_by_its_own_process_only() -> None:
    """It costs every server process numpy otherwise."""
    for source in sources():
        if source.name not in OPTIONAL:
            assert not source.imported & {"av", "numpy", "soxr", "py_nanotts"}, source.name

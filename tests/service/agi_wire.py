"""One AGI conversation over a real socket, whose peer has written everything beforehand."""

import socket
import threading

from agi_scripts.app import FastAgiApp
from ivr.bootstrap import Application


def converse(app: Application, sent: bytes) -> str:
    """What the server writes until it closes the connection; fails if it never does."""
    ours, theirs = socket.socketpair()
    server = threading.Thread(target=FastAgiApp(app).serve, args=(theirs,))
    server.start()
    received = b""
    with ours:
        ours.settimeout(10)
        try:
            ours.sendall(sent)
            ours.shutdown(socket.SHUT_WR)
            while piece := ours.recv(4096):
                received += piece
        except ConnectionError:
            pass  # it closed before it had read everything
    server.join(10)
    assert not server.is_alive()
    return received.decode()

"""A small SMTP server: keeps what it is sent, encrypted if asked to, and refuses what it is told to."""

import asyncio
import ssl
import threading
from base64 import b64decode
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

CERTIFICATE = Path(__file__).with_name("mail_server.pem")
"""For localhost and 127.0.0.1, with its key; valid until 2126 and trusted by nobody."""


@dataclass
class Received:
    """One mail as it was handed over."""

    encrypted: bool = False
    user: str = ""
    sender: str = ""
    recipients: list[str] = field(default_factory=list)
    message: EmailMessage = field(default_factory=EmailMessage)


class MailServer:
    """A context manager. `refusals` has the reply to commands that begin like its key."""

    def __init__(self, port: int = 0) -> None:
        self.port = port
        self.received: list[Received] = []
        self.refusals: dict[str, str] = {}
        self._ready = threading.Event()

    def __enter__(self) -> "MailServer":
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._converse, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        async with server:
            await self._stop.wait()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mail, line, reply = Received(), "", "220 mail.pikett.invalid"
        while not reply.startswith("221"):
            writer.write(f"{reply}\r\n".encode())
            await writer.drain()
            if line == "STARTTLS" and reply.startswith("220"):
                context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
                context.load_cert_chain(CERTIFICATE)
                await writer.start_tls(context)
                mail.encrypted = True
            line = (await reader.readline()).decode().rstrip("\r\n")
            refused = [text for start, text in self.refusals.items() if line.startswith(start)]
            reply = refused[0] if refused else self._answer(line, mail)
            if reply.startswith("354"):
                writer.write(f"{reply}\r\n".encode())
                sent = (await reader.readuntil(b"\r\n.\r\n"))[:-3].replace(b"\r\n..", b"\r\n.")
                mail.message = message_from_bytes(sent, policy=policy.default)
                self.received.append(mail)
                mail, reply = Received(mail.encrypted, mail.user), "250 taken"
        writer.write(f"{reply}\r\n".encode())
        writer.close()

    def _answer(self, line: str, mail: Received) -> str:
        address = line.partition("<")[2].partition(">")[0]
        match line.split(" "):
            case ["ehlo", *_]:
                tls = "" if mail.encrypted else "250-STARTTLS\r\n"
                return f"250-hello\r\n{tls}250 AUTH PLAIN"
            case ["AUTH", "PLAIN", given]:
                mail.user = b64decode(given).decode().split("\0")[1]
                return "235 welcome"
            case ["mail", *_]:
                mail.sender = address
            case ["rcpt", *_]:
                mail.recipients.append(address)
        others = {"STARTTLS": "220 now", "data": "354 go on", "QUIT": "221 bye", "": "221 bye"}
        return others.get(line, "250 fine")

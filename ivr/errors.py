"""The one error hierarchy.

Everything Pikett raises on purpose is a `PikettError`. Only the two outer boundaries (the AGI
handler and the Flask error handler) catch it, and they always say something human to the caller.
"""


class PikettError(Exception):
    """Base of all errors raised on purpose."""


class ConfigurationError(PikettError):
    """A setting or a file in `config/` is wrong; the text names setting, value and file."""


class UnexpectedEventError(PikettError):
    """A flow met an event its present state has no handler for; nothing was changed."""


class TurnOutOfOrderError(PikettError):
    """A turn from the future or of an unknown leg was asked for; nothing was changed."""


class CallerGoneError(PikettError):
    """The party at the other end of the channel has hung up."""


class ConnectionLostError(CallerGoneError):
    """The connection to the carrier broke. Whether the party is gone too is told by others."""


class MalformedRequestError(PikettError):
    """The peer (Asterisk, a web client) sent something that is not of the agreed form."""


class SpeechError(PikettError):
    """A text could not be turned into sound."""


class EngineDownError(SpeechError):
    """A speech engine does not start, does not answer or gives no sound at all: try another one."""


class SoundsUnwritableError(SpeechError):
    """The folder of sounds takes no file, most often because the disk is full."""


class MailRefusedError(PikettError):
    """A mail server will not take this mail, now or later; the text is its reply code."""


class AlreadyStoredError(PikettError):
    """Somebody else stored this call or this turn a moment earlier."""


class WriteConflictError(AlreadyStoredError):
    """Two transactions waited for each other and this one gave way: nothing is stored, do it again."""

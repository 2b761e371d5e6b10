"""What the services need from outside, as protocols. Adapters implement them; tests fake them.

The storage's protocols are in `ivr.services.stores`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from ivr.callflow.facts import AttemptResult
from ivr.callflow.prompts import Prompt
from ivr.services.records import StoredTurn


class Clock(Protocol):
    """The one source of the present time outside the telephones' own reports."""

    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        ...


class Ids(Protocol):
    """The one source of randomness for names of calls and legs."""

    def new(self) -> str:
        """A fresh unguessable id: lower-case letters and digits only."""
        ...


class Wording(Protocol):
    """The words of a prompt."""

    def text(self, prompt: Prompt) -> str:
        """What is heard, in the prompt's language."""
        ...

    def aloud(self, prompt: Prompt) -> str:
        """The same for a voice that is not ours: figures in words, as ours says them."""
        ...

    def chosen(self, prompt: Prompt) -> Prompt:
        """The same in the text in use now, whatever is published after; it stays once chosen."""
        ...


class Foresight(Protocol):
    """Prepares sounds that will be needed soon; never waits and never fails."""

    def foresee(self, prompts: Sequence[Prompt]) -> None:
        """These prompts will be asked for."""
        ...


class Observer(Protocol):
    """Is told what happens: logs and metrics."""

    def transition(self, turn: StoredTurn) -> None:
        """A turn was committed."""
        ...

    def attempt_ended(self, result: AttemptResult, *, rehearsal: bool) -> None:
        """A ring attempt came to its end."""
        ...

    def trouble(self, what: str, **facts: Any) -> None:
        """Something an operator must look at."""
        ...

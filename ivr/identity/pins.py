"""Which PINs are too easy to guess to be given to anybody (B.7)."""

from itertools import pairwise

PIN_DIGITS = 6
PERIODS = (1, 2, 3)
FEWEST_DIFFERENT = 3


def is_guessable(pin: str, customer_number: str) -> bool:
    """True for repeats, sequences, few different digits and PINs with the customer number in them."""
    return (
        any(_repeats(pin, period) for period in PERIODS)
        or len(set(pin)) < FEWEST_DIFFERENT
        or _is_pairs(pin)
        or _is_sequence(pin)
        or customer_number in pin
    )


def _repeats(pin: str, period: int) -> bool:
    """`121212` and `123123`."""
    return pin == (pin[:period] * len(pin))[: len(pin)]


def _is_pairs(pin: str) -> bool:
    """`112233`."""
    return pin[::2] == pin[1::2]


def _is_sequence(pin: str) -> bool:
    """`123456`, `890123` and `975319`: every step is the same, past nine too."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    return len(steps) == 1

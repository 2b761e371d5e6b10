"""Figures in a text become the words that are heard, by the rules of each language.

Every engine reads figures in its own way, and each gets some of them wrong. A text that holds words
only is heard alike from all of them. What is no figure stays as it is; the eye keeps its figures.

Swiss usage: 24-hour times, septante and nonante, no "ß". Where usage leaves a choice, a recogniser at
the end of a telephone line has made it:

- German with a gap, "hundert fünfundneunzig": long words blur, and are longer. "eintausend", because
  "tausend" was lost behind another word. English without "and": of "two hundred and ten", it heard
  200 and 10. French without hyphens: of "soixante-deux", it heard no number.
- Cents of ten and more are said without their name ("49 Franken fünfzig"), as at any counter; fewer
  with it ("49 Franken und fünf Rappen"), because "Franken fünf" is taken for fifty. In French always
  with it: "francs quinze" was lost, "et quinze centimes" was not. In English they are centimes, the
  word of the English translation of the currency act.
- What a caller may write down is said digit by digit: ticket numbers, codes and telephone numbers,
  with a pause between the written groups. In pairs a German says the last digit first, and
  French-speaking cantons disagree on the words.
- 112 and 144 are dialled, so they are said digit by digit; in French, where everybody says
  "cent quarante-quatre", as numbers.
- A whole hour in English: "eight o'clock" up to noon, "nineteen hundred hours" after.
"""

from functools import lru_cache

from ivr.callflow.prompts import Language
from ivr.voice.normalise import clock, counted, dates, digits, halves, money, plain, weekdays
from ivr.voice.normalise.numbers import Habits, Tongue

__all__ = ["USUAL", "Habits", "normalise"]

STEPS = (
    digits.telephone_numbers,
    plain.one_way_of_grouping,
    weekdays.weekdays,
    halves.halves,
    dates.spans,
    dates.dates,
    plain.ranges,
    money.amounts,
    plain.signs,
    clock.times,
    counted.percents,
    counted.counted_things,
    counted.ordinals,
    digits.references,
    digits.emergency_numbers,
    digits.anything_left,
)
"""In this order: a step leaves no figure behind that a later one could take for something else."""

USUAL = Habits()
"""Of most listeners."""


@lru_cache(maxsize=4096)
def normalise(text: str, language: Language, habits: Habits = USUAL) -> str:
    """`text` as it is spoken: no figure, no markup, no control character; never raises.

    What it gave once it gives again for its own result.
    """
    tongue = Tongue(language, habits)
    words = plain.clean(text)
    if plain.has_figures(words):
        for step in STEPS:
            words = step(words, tongue)
    return plain.tidy(words)

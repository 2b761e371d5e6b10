"""The picture of a wave: one line for each column, in the colour of the text around it."""

from collections.abc import Collection, Sequence
from html import escape

from ivr.callflow.prompts import Language
from ivr.voice.upload_words import picture_words

FULL = 100
"""Of a column that is clipped; no other comes so far."""

MARK = 6
"""Height of the marks above and below what is clipped: seen without colours too."""

STEP = 2


def wave_svg(
    peaks: Sequence[int], warnings: Collection[str] = (), language: Language = Language.DE
) -> str:
    """An image with title and description; `peaks` as `take_in` gives them.

    Its colour is the page's own. A page may give `.clipped` another one; the marks stay.
    """
    columns = list(zip(peaks[::2], peaks[1::2], strict=True))
    clipped = [n for n, (low, high) in enumerate(columns) if low <= -FULL or high >= FULL]
    if "clipped" not in warnings:
        clipped = []
    whole = [n for n in range(len(columns)) if n not in set(clipped)]
    title = escape(picture_words("title", language))
    described = escape(_described(columns, clipped, language))
    top, height = FULL + MARK, 2 * (FULL + MARK)
    return (
        f'<svg class="wave" role="img" xmlns="http://www.w3.org/2000/svg" aria-label="{title}" '
        f'viewBox="0 -{top} {max(1, len(columns)) * STEP} {height}" preserveAspectRatio="none">'
        f"<title>{title}</title><desc>{described}</desc>"
        f'<g fill="none" stroke="currentColor" stroke-width="{STEP * 0.75}">'
        f'<path d="{_lines(columns, whole)}"/>'
        f'<path class="clipped" d="{_lines(columns, clipped)}{_marks(clipped)}"/></g></svg>'
    )


def _described(columns: Sequence[tuple[int, int]], clipped: list[int], language: Language) -> str:
    loudest = max((max(-low, high) for low, high in columns), default=0)
    if not clipped:
        return picture_words("clean", language, percent=loudest)
    share = max(1, round(100 * len(clipped) / len(columns)))
    return picture_words("clipped", language, percent=loudest, share=share)


def _lines(columns: Sequence[tuple[int, int]], which: list[int]) -> str:
    """From the highest to the lowest; silence is a thin line too."""
    parts = []
    for n in which:
        low, high = columns[n]
        parts.append(f"M{n * STEP + 1} {-max(high, 1)}V{-min(low, -1)}")
    return "".join(parts)


def _marks(clipped: list[int]) -> str:
    """A bar above and a bar below, as wide as the column."""
    heights = (-FULL - MARK / 2, FULL + MARK / 2)
    return "".join(f"M{n * STEP} {height:g}h{STEP}" for n in clipped for height in heights)

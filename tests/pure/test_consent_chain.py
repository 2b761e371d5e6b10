"""Consents that can be proved: every kind of tampering is found against a head that was mailed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.consent.chain import Break, Damage, Head, Link, append, canonical, parse_head, verify

KEY, OTHER_KEY = b"kept outside the database", b"another key"


def make_chain(length: int, key: bytes = KEY, word: str = "notice") -> list[Link]:
    links: list[Link] = []
    for number in range(length):
        last = head_of(links) if links else None
        links.append(append(key, last, {"ticket": number, "key": "1"}, f"{word} {number}"))
    return links


def head_of(links: list[Link]) -> Head:
    return Head(links[-1].sequence, links[-1].seal)


def test_an_untouched_chain_holds() -> None:
    links = make_chain(20)
    assert verify(KEY, links) == []
    assert verify(KEY, links, [head_of(links[:7]), head_of(links)]) == []
    assert verify(KEY, []) == []


def test_the_text_of_a_person_may_be_erased() -> None:
    links = make_chain(5)
    erased = [*links[:2], replace(links[2], text=None), *links[3:]]
    assert verify(KEY, erased, [head_of(links)]) == []


@pytest.mark.parametrize(
    ("edit", "damage"),
    [
        ({"facts": canonical({"ticket": 2, "key": "2"})}, Damage.CHANGED),
        ({"text_sha256": "0" * 64, "text": None}, Damage.CHANGED),
        ({"text": "notice 2, but dearer"}, Damage.TEXT_CHANGED),
    ],
)
def test_an_edit_is_found_where_it_was_made(edit: dict[str, str | None], damage: Damage) -> None:
    links = make_chain(5)
    edited = [*links[:2], replace(links[2], **edit), *links[3:]]
    assert verify(KEY, edited) == [Break(3, damage)]


def test_a_removed_link_is_found() -> None:
    links = make_chain(5)
    assert verify(KEY, [*links[:2], *links[3:]]) == [Break(3, Damage.MISSING)]
    assert verify(KEY, links[2:]) == [Break(1, Damage.MISSING), Break(2, Damage.MISSING)]


def test_a_removed_link_is_found_though_the_rest_was_renumbered() -> None:
    links = make_chain(5)
    renumbered = [*links[:2], *(replace(each, sequence=each.sequence - 1) for each in links[3:])]
    assert Break(3, Damage.CHANGED) in verify(KEY, renumbered)


def test_a_cut_tail_is_found_only_against_a_head_that_was_mailed() -> None:
    links = make_chain(5)
    assert verify(KEY, links[:3]) == []
    assert verify(KEY, links[:3], [head_of(links)]) == [Break(5, Damage.CUT)]
    assert verify(KEY, [], [head_of(links)]) == [Break(5, Damage.CUT)]


def test_a_chain_written_anew_with_the_right_key_is_found_against_a_mailed_head() -> None:
    links, anew = make_chain(5), make_chain(5, word="another notice")
    assert verify(KEY, anew) == []
    assert verify(KEY, anew, [head_of(links)]) == [Break(5, Damage.REWRITTEN)]
    assert verify(KEY, make_chain(9, word="longer"), [head_of(links)]) == [
        Break(5, Damage.REWRITTEN)
    ]


def test_a_chain_written_anew_without_the_key_is_found_at_once() -> None:
    found = verify(KEY, make_chain(3, key=OTHER_KEY))
    assert [each.damage for each in found] == [Damage.CHANGED] * 3


@given(st.integers(1, 12), st.data())
def test_whatever_is_exchanged_is_found(length: int, data: st.DataObject) -> None:
    links = make_chain(length)
    at = data.draw(st.integers(0, length - 1))
    stranger = make_chain(at + 1, word="stranger")[at]
    if stranger != links[at]:
        swapped = [*links[:at], stranger, *links[at + 1 :]]
        assert verify(KEY, swapped, [head_of(links)]) != []


def test_a_head_is_read_as_it_was_printed() -> None:
    links = make_chain(17)
    printed = str(head_of(links))
    assert printed.startswith("17-")
    assert parse_head(f"  {printed.upper()} \n").sequence == 17
    assert verify(KEY, links, [parse_head(printed)]) == []


@pytest.mark.parametrize("text", ["", "17", "17-xyz", "0-" + "a" * 32, "17-" + "a" * 31, "x" * 99])
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no head"):
        parse_head(text)


def test_the_order_of_facts_does_not_matter() -> None:
    assert canonical({"b": 1, "a": "é"}) == canonical({"a": "é", "b": 1}) == '{"a":"é","b":1}'

"""Presence: a socket speaks for itself alone, under its own name, as long as it is there."""

import asyncio
import json
from typing import Any

import pytest

from jupyter_live import protocol
from jupyter_live.access import Role
from jupyter_live.errors import LiveError
from jupyter_live.ids import Identity
from jupyter_live.member import Member
from jupyter_live.outbox import Outbox
from jupyter_live.presence import TICK, Presence
from jupyter_live.protocol import AwarenessEntry, write_awareness

Seen = list[tuple[int, int, Any]]


class Here:
    """A presence and its members."""

    def __init__(self) -> None:
        self.members: set[Member] = set()
        self.published: list[bytes] = []
        self.presence = Presence(self.members, self.published.append)

    def join(self, username: str) -> Member:
        member = Member(Identity(username), Role.WRITER, Outbox(2**20))
        member.user = member.identity.as_user(f"color of {username}")
        self.members.add(member)
        return member

    def say(self, member: Member, *entries: tuple[int, int, Any]) -> bytes | None:
        """`member` sends an awareness update of (client, clock, state). Returns what other processes are told."""
        payload = write_awareness(
            [AwarenessEntry(client, clock, json.dumps(state)) for client, clock, state in entries]
        )
        self.presence.update(member, payload)
        return self.told()

    def leave(self, member: Member) -> bytes | None:
        self.members.discard(member)
        self.presence.leave(member)
        return self.told()

    def told(self) -> bytes | None:
        self.presence.tell()
        return self.published.pop() if self.published else None

    def newcomer_sees(self) -> Seen:
        newcomer = self.join("newcomer")
        self.presence.welcome(newcomer)
        self.members.discard(newcomer)
        return heard(newcomer)


@pytest.fixture
def here() -> Here:
    return Here()


def heard(member: Member) -> Seen:
    """What a member has been told since the last call: (client, clock, state without user)."""
    entries = []
    while (frame := member.outbox.pop()) is not None:
        for entry in protocol.read_awareness(protocol.read(frame).payload):
            state = json.loads(entry.state)
            if state is not None:
                del state["user"]
            entries.append((entry.client, entry.clock, state))
    return entries


async def test_everyone_hears_what_one_says_and_so_does_that_one(here: Here) -> None:
    ada, grace = here.join("ada"), here.join("grace")
    told = here.say(ada, (1, 1, {"cursor": 3}))
    assert heard(ada) == heard(grace) == [(1, 1, {"cursor": 3})]
    assert told is not None and protocol.read_awareness(told)[0].client == 1


async def test_a_newcomer_is_shown_everyone_at_once(here: Here) -> None:
    ada, grace = here.join("ada"), here.join("grace")
    assert here.newcomer_sees() == []
    here.say(ada, (1, 1, {"a": 1}))
    here.say(grace, (2, 9, {"b": 2}))
    here.say(ada, (1, 2, {"a": 3}))
    assert sorted(here.newcomer_sees(), key=lambda seen: seen[0]) == [(1, 2, {"a": 3}), (2, 9, {"b": 2})]


@pytest.mark.parametrize(
    "claimed",
    [
        {},
        {"user": {"username": "grace", "name": "Grace", "color": "red"}},
        {"user": "grace"},
        {"user": None},
        {"user": ["grace"]},
    ],
)
async def test_the_identity_is_the_authenticated_one_whatever_is_claimed(here: Here, claimed: dict[str, Any]) -> None:
    ada = here.join("ada")
    told = here.say(ada, (1, 1, claimed))
    assert told is not None
    user = json.loads(protocol.read_awareness(told)[0].state)["user"]
    assert user["username"] == user["name"] == user["display_name"] == "ada"
    assert user["color"] == "color of ada"


async def test_what_else_a_client_says_of_its_user_is_kept(here: Here) -> None:
    told = here.say(here.join("ada"), (1, 1, {"user": {"username": "x", "cursor_style": "bar"}}))
    assert told is not None
    assert json.loads(protocol.read_awareness(told)[0].state)["user"]["cursor_style"] == "bar"


async def test_an_echo_of_others_is_no_news(here: Here) -> None:
    """y-websocket clients send the states of others along when they connect."""
    ada, grace = here.join("ada"), here.join("grace")
    here.say(ada, (1, 5, {"a": 1}))
    heard(grace)
    assert here.say(grace, (1, 5, {"a": 1})) is None
    assert here.say(grace, (1, 6, {"a": "forged"})) is None
    assert heard(grace) == []
    here.say(grace, (1, 7, {"a": "forged"}), (2, 1, {"b": 1}))
    assert heard(grace) == [(2, 1, {"b": 1})]
    assert sorted(here.newcomer_sees(), key=lambda seen: seen[0]) == [(1, 5, {"a": 1}), (2, 1, {"b": 1})]


async def test_nobody_can_declare_another_one_gone(here: Here) -> None:
    """A client whose clock is off drops others' states after 30 s, and says so."""
    ada, grace = here.join("ada"), here.join("grace")
    here.say(ada, (1, 5, {"a": 1}))
    here.say(grace, (2, 1, {}))
    assert here.say(grace, (1, 6, None)) is None
    assert (1, 5, {"a": 1}) in here.newcomer_sees()


async def test_a_socket_speaks_for_the_first_id_it_announces_and_no_other(here: Here) -> None:
    ada = here.join("ada")
    here.say(ada, (1, 1, {"a": 1}))
    assert here.say(ada, (99, 1, {"a": 2})) is None
    assert here.newcomer_sees() == [(1, 1, {"a": 1})]


@pytest.mark.parametrize(("clock", "is_news"), [(4, False), (5, False), (6, True), (60, True)])
async def test_only_a_higher_clock_is_news(here: Here, clock: int, is_news: bool) -> None:
    ada = here.join("ada")
    here.say(ada, (1, 5, {"a": "old"}))
    assert (here.say(ada, (1, clock, {"a": "new"})) is not None) is is_news
    assert here.newcomer_sees() == ([(1, clock, {"a": "new"})] if is_news else [(1, 5, {"a": "old"})])


@pytest.mark.parametrize(("clock", "is_gone"), [(4, False), (5, True), (6, True)])
async def test_a_client_may_leave_with_the_clock_it_has(here: Here, clock: int, is_gone: bool) -> None:
    ada, grace = here.join("ada"), here.join("grace")
    here.say(ada, (1, 5, {"a": 1}))
    heard(grace)
    here.say(ada, (1, clock, None))
    assert heard(grace) == ([(1, clock, None)] if is_gone else [])
    assert (here.newcomer_sees() == []) is is_gone


async def test_a_client_that_left_may_come_back_on_the_same_socket(here: Here) -> None:
    ada = here.join("ada")
    here.say(ada, (1, 1, {"a": 1}))
    here.say(ada, (1, 2, None))
    here.say(ada, (1, 3, {"a": 2}))
    assert here.newcomer_sees() == [(1, 3, {"a": 2})]


async def test_a_client_that_left_may_come_back_under_another_id(here: Here) -> None:
    """A page whose document goes over to another history has another one then."""
    ada, grace = here.join("ada"), here.join("grace")
    here.say(ada, (1, 1, {"a": 1}))
    here.say(ada, (1, 2, None))
    here.say(ada, (7, 0, {"a": 2}))
    here.say(ada, (8, 0, {"a": 3}))
    assert heard(grace) == [(1, 1, {"a": 1}), (1, 2, None), (7, 0, {"a": 2})]
    assert here.newcomer_sees() == [(7, 0, {"a": 2})]


async def test_leaving_unannounced_is_nothing(here: Here) -> None:
    ada, grace = here.join("ada"), here.join("grace")
    assert here.say(ada, (1, 1, None)) is None
    assert here.leave(ada) is None
    assert heard(grace) == []


async def test_a_state_goes_with_its_socket_and_the_next_clock_brings_it_back(here: Here) -> None:
    ada, grace = here.join("ada"), here.join("grace")
    here.say(ada, (1, 5, {"a": 1}))
    heard(grace)
    told = here.leave(ada)
    assert told is not None and heard(grace) == [(1, 5, None)]
    assert here.newcomer_sees() == []
    here.say(here.join("ada"), (1, 6, {"a": 2}))
    assert heard(grace) == [(1, 6, {"a": 2})]


async def test_the_same_person_takes_over_before_the_old_socket_is_found_dead(here: Here) -> None:
    old, grace = here.join("ada"), here.join("grace")
    here.say(old, (1, 5, {"a": "old"}))
    new = here.join("ada")
    here.say(new, (1, 6, {"a": "new"}))
    heard(grace)
    assert here.leave(old) is None, "the dead socket has nothing to take away any more"
    assert heard(grace) == [] and here.newcomer_sees() == [(1, 6, {"a": "new"})]
    assert here.leave(new) is not None


async def test_nobody_else_can_take_over(here: Here) -> None:
    ada, mallory = here.join("ada"), here.join("mallory")
    here.say(ada, (1, 5, {"a": 1}))
    assert here.say(mallory, (1, 600, {"m": 1})) is None
    assert here.leave(mallory) is None
    assert here.newcomer_sees() == [(1, 5, {"a": 1})]


async def test_members_of_other_processes_are_shown_and_cannot_be_taken_over(here: Here) -> None:
    ada = here.join("bob")
    here.presence.hear("peer", write_awareness([AwarenessEntry(7, 3, '{"user": {"username": "ada"}, "far": 1}')]))
    assert here.told() is None, "they know it"
    assert heard(ada) == [(7, 3, {"far": 1})]
    assert here.say(ada, (7, 9, {"forged": 1})) is None
    assert here.newcomer_sees() == [(7, 3, {"far": 1})]
    here.presence.hear("peer", write_awareness([AwarenessEntry(7, 3, "null")]))
    here.told()
    assert heard(ada) == [(7, 3, None)] and here.newcomer_sees() == []


async def test_who_comes_from_another_process_is_seen_at_once(here: Here) -> None:
    """That process may be dead, and not yet be missed."""
    here.presence.hear("peer", write_awareness([AwarenessEntry(7, 3, '{"user": {"username": "ada"}, "far": 1}')]))
    ada = here.join("ada")
    assert here.say(ada, (7, 4, {"near": 1})) is not None
    here.presence.forget("peer")
    assert here.newcomer_sees() == [(7, 4, {"near": 1})]
    here.presence.hear("peer", write_awareness([AwarenessEntry(7, 3, "null")]))
    assert here.newcomer_sees() == [(7, 4, {"near": 1})], "the last words of a process that she has left"


async def test_people_of_a_process_that_is_gone_are_shown_no_longer(here: Here) -> None:
    watching = here.join("bob")
    states = [AwarenessEntry(n, 1, '{"user": {"username": "ada"}, "far": 1}') for n in (7, 8)]
    here.presence.hear("one", write_awareness(states[:1]))
    here.presence.hear("two", write_awareness(states[1:]))
    here.told()
    heard(watching)
    here.presence.hear("one", write_awareness(states[:1]))
    here.told()
    assert heard(watching) == [], "what is told again is no news"
    here.presence.forget("one")
    here.told()
    assert heard(watching) == [(7, 1, None)] and here.newcomer_sees() == [(8, 1, {"far": 1})]


@pytest.mark.parametrize(
    "state",
    [
        "",
        "{",
        "[]",
        '"text"',
        "17",
        "NaN",
        '{"cursor": NaN}',
        '{"cursor": -Infinity}',
        '{"cursor": 1e999}',  # a number to JSON, infinite once it is read
        '{"cursor": [-1e999]}',
        '{"deep": ' + "[" * 20_000 + "]" * 20_000 + "}",
        '{"number": ' + "1" * 10_000 + "}",
        '{"large": "' + "x" * 100_000 + '"}',
    ],
)
async def test_what_would_break_a_browser_is_refused_and_told_to_nobody(here: Here, state: str) -> None:
    ada, grace = here.join("ada"), here.join("grace")
    with pytest.raises(LiveError) as caught:
        here.presence.update(ada, write_awareness([AwarenessEntry(1, 1, state)]))
    assert caught.value.code == "malformed_frame"
    assert heard(grace) == [] and here.newcomer_sees() == []


async def test_no_depth_that_can_be_read_cannot_be_told(here: Here) -> None:
    """Reading and writing JSON each have a limit of depth: either both work, or the frame is refused."""
    grace = here.join("grace")
    for depth in range(900, 1100):
        state = '{"deep": ' + "[" * depth + "]" * depth + "}"
        member = here.join(f"visitor {depth}")
        try:
            here.presence.update(member, write_awareness([AwarenessEntry(depth, 1, state)]))
            here.told()
        except LiveError as error:
            assert error.code == "malformed_frame"
            assert heard(grace) == []
        else:
            assert [client for client, _, _ in heard(grace)] == [depth]


@pytest.mark.parametrize("text", ["\\ud800", "ü😀", "\\u0000", "</script>"])
async def test_any_text_reaches_the_others_as_it_was(here: Here, text: str) -> None:
    ada, grace = here.join("ada"), here.join("grace")
    here.presence.update(ada, write_awareness([AwarenessEntry(1, 1, f'{{"a": "{text}"}}')]))
    here.told()
    assert heard(grace) == [(1, 1, {"a": json.loads(f'"{text}"')})]


async def test_news_is_told_in_rounds_with_the_latest_of_everybody(here: Here) -> None:
    ada, grace = here.join("ada"), here.join("grace")

    def move(member: Member, client: int, clock: int) -> None:
        here.presence.update(member, write_awareness([AwarenessEntry(client, clock, f'{{"cursor": {clock}}}')]))

    move(ada, 1, 1)
    assert heard(grace) == []
    await asyncio.sleep(0)
    assert heard(grace) == [(1, 1, {"cursor": 1})], "who moves alone is told at once"
    for clock in range(2, 20):
        move(ada, 1, clock)
        move(grace, 2, clock)
        await asyncio.sleep(0)
    assert len(here.published) == 1
    await asyncio.sleep(4 * TICK)
    assert len(here.published) == 2
    assert heard(grace) == [(1, 19, {"cursor": 19}), (2, 19, {"cursor": 19})]


async def test_who_goes_before_the_news_is_told_is_gone(here: Here) -> None:
    ada, grace = here.join("ada"), here.join("grace")
    here.say(ada, (1, 1, {"a": 1}))
    heard(grace)
    here.presence.update(ada, write_awareness([AwarenessEntry(1, 2, '{"a": 2}')]))
    here.leave(ada)
    assert heard(grace) == [(1, 2, None)]

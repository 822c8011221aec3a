"""Text that goes on is told before it is integrated: nobody may see a difference to one that integrates at once."""

import random
from typing import Any

import pycrdt
import pytest

from jupyter_live.engine.pycrdt import PycrdtReplica
from jupyter_live.engine.runs import PENDING
from jupyter_live.engine.updates import read_vector
from jupyter_live.errors import LiveError
from jupyter_live.ids import Origin
from jupyter_live.protocol import write_varuint
from jupyter_live.testing.engine import read, typed

CLIENTS = 5, 200, 2**40


class AtOnce(PycrdtReplica):
    """Integrates whatever comes when it comes."""

    def __init__(self) -> None:
        super().__init__()
        self._runs.goes_on = lambda update: False  # type: ignore[method-assign]


class Typist:
    """Types into a document of its own; what it does waits in `sent`."""

    def __init__(self, client: int) -> None:
        self.doc: pycrdt.Doc[Any] = pycrdt.Doc(client_id=client)
        self.text = self.doc.get("source", type=pycrdt.Text)
        self.sent: list[bytes] = []
        self._is_told = False
        self.doc.observe(self._on_change)
        self.at = 0

    def _on_change(self, event: Any) -> None:
        if not self._is_told:
            self.sent.append(event.update)

    def type(self, text: str) -> None:
        """`at` counts characters, the engine bytes."""
        before = str(self.text)[: self.at]
        self.text.insert(len(before.encode()), text)
        self.at = len(before) + len(text)

    def hear(self, update: bytes) -> None:
        self._is_told = True
        self.doc.apply_update(update)
        self._is_told = False


def pending(replica: PycrdtReplica) -> int:
    return len(replica._runs.pending)


@pytest.mark.parametrize("seed", range(40))
def test_whatever_people_do_it_is_told_the_same_and_becomes_the_same(seed: int) -> None:
    plan = random.Random(seed)
    replica, at_once = PycrdtReplica(), AtOnce()
    people = [Typist(client) for client in CLIENTS]
    old: list[bytes] = []
    went_on = 0

    def take(updates: list[bytes]) -> None:
        nonlocal went_on
        for each in updates:
            assert replica.check(each) and at_once.check(each)
        before = pending(replica)
        assert replica.apply_together(updates) == at_once.apply_together(updates)
        went_on += pending(replica) > before
        old.extend(updates)

    for _ in range(400):
        who = plan.choice(people)
        match plan.choices(
            ["type", "move", "paste", "delete", "hear", "send", "look", "again"], [18, 1, 1, 1, 2, 18, 1, 1]
        ):
            case ["type"]:
                who.type(plan.choice("abcé😀"))
            case ["move"]:
                who.at = plan.randrange(1 + len(str(who.text)))
            case ["paste"]:
                who.type("lorem ipsum " * plan.randrange(1, 30))
            case ["delete"] if str(who.text).isascii() and len(who.text) > 1:
                del who.text[: plan.randrange(1, len(who.text))]
            case ["hear"]:
                who.hear(replica.diff(who.doc.get_state()))
            case ["send"]:
                senders = [each for each in plan.sample(people, plan.choice([1, 1, 1, 2, 3])) if each.sent]
                if plan.random() < 0.03 and senders and len(senders[0].sent) > 1:  # out of order: it waits
                    take([senders[0].sent.pop()])
                elif plan.random() < 0.1 and senders:
                    every, senders[0].sent = senders[0].sent, []
                    take(every)
                elif senders:
                    take([each.sent.pop(0) for each in senders])
            case ["look"]:
                assert theirs(replica) == theirs(at_once)
                value = {"dirty": plan.random() < 0.5}
                assert (replica.put(value) is None) == (at_once.put(value) is None)
            case ["again"] if old:
                take([plan.choice(old)])
    for who in people:
        for update in who.sent:
            take([update])
    everything = pycrdt.Doc[Any]()
    for update in old:
        everything.apply_update(update)
    assert went_on > 10
    assert read(replica.snapshot()) == read(at_once.snapshot())
    assert read(replica.snapshot()) == str(everything.get("source", type=pycrdt.Text))
    assert theirs(replica) == theirs(at_once) == read_vector(everything.get_state())


def theirs(replica: PycrdtReplica) -> dict[int, int]:
    """What it has of people, and not of itself."""
    return {client: clock for client, clock in read_vector(replica.state()).items() if client in CLIENTS}


def begun(client: int = 5) -> tuple[PycrdtReplica, list[bytes]]:
    """A replica that has had two of somebody's keystrokes, and those that go on."""
    first, *rest = typed(*"abcdef", client_id=client)
    replica = PycrdtReplica()
    replica.apply(first, Origin.MEMBER)
    assert replica.apply_together([rest[0]]) == (rest[0], True)
    assert not pending(replica)
    return replica, rest[1:]


def test_it_waits_until_somebody_looks() -> None:
    replica, (c, d, *_) = begun()
    assert replica.apply_together([c])[1] and replica.apply_together([d])[1]
    assert pending(replica) == 2
    assert read(replica.diff(replica.earlier()) and replica.snapshot()) == "abcd"
    assert not pending(replica)


def test_no_more_than_is_quickly_integrated_waits() -> None:
    first, *rest = typed(*"x" * (PENDING + 10), client_id=5)
    replica = PycrdtReplica()
    replica.apply(first, Origin.MEMBER)
    for each in rest:
        assert replica.apply_together([each])[1]
        assert pending(replica) < PENDING
    assert read(replica.snapshot()) == "x" * (PENDING + 10)


def test_an_earlier_vector_is_enough_to_tell_what_is_missed() -> None:
    replica, rest = begun()
    behind = replica.snapshot()
    earlier = replica.earlier()
    for each in rest:
        replica.apply_together([each])
    late = PycrdtReplica()
    late.apply(behind, Origin.LOG)
    late.apply(replica.diff(earlier), Origin.LOG)
    assert read(late.snapshot()) == "abcdef"


KEYSTROKE = b"\x01\x01\x05%b\x84\x05%b%b\x00"


def keystroke(clock: int, origin: int, text: bytes) -> bytes:
    return KEYSTROKE % (write_varuint(clock), write_varuint(origin), write_varuint(len(text)) + text)


def test_the_keystroke_of_these_tests_is_one() -> None:
    replica, (c, *_) = begun()
    assert keystroke(2, 1, b"c") == c
    assert replica.apply_together([c])[1] and pending(replica) == 1


@pytest.mark.parametrize(
    "hostile",
    [
        keystroke(1, 0, b"X"),  # a clock that is known
        keystroke(3, 2, b"X"),  # after one that has not come
        keystroke(2, 0, b"X"),  # elsewhere
        keystroke(2, 7, b"X"),  # behind itself
        keystroke(2, 1, b"\xff"),  # no text
        keystroke(2, 1, b"\xed\xa0\x80"),  # half a character
        keystroke(2, 1, b""),
        b"\x01\x01\x85\x00\x02\x84\x05\x01\x01X\x00",  # numbers written in another way
        b"\x01\x01\x05\x02\x84\x85\x00\x01\x01X\x00",
        b"\x01\x01\x05\x02\xc4\x05\x01\x05\x00\x01X\x00",  # with a right neighbour that it had not before
    ],
)
def test_what_only_looks_as_if_it_went_on_is_for_the_engine(hostile: bytes) -> None:
    replica, (c, *_) = begun()
    at_once = AtOnce()
    at_once.apply(replica.snapshot(), Origin.LOG)
    try:
        taken = at_once.apply_together([hostile])
    except LiveError:
        with pytest.raises(LiveError):
            replica.apply_together([hostile])
    else:
        assert replica.apply_together([hostile]) == taken
    assert not pending(replica)
    assert replica.apply_together([c]) == at_once.apply_together([c])
    assert replica.snapshot() == at_once.snapshot()


def test_a_client_of_another_spelling_is_the_same_client() -> None:
    """Else its run would go on from a clock that the engine has passed, and others would be told what it refuses."""
    replica, (c, d, *_) = begun()
    assert replica.apply_together([b"\x01\x01\x85\x00\x02\x84\x05\x01\x01X\x00"])[1]
    assert not replica.apply_together([c])[1]
    assert replica.apply_together([d])[1]  # after the X
    assert read(replica.snapshot()) == "abXd"


def test_what_came_by_another_process_is_no_news() -> None:
    replica, (c, d, *_) = begun()
    assert replica.apply(c, Origin.RELAY)
    assert not replica.apply_together([c])[1]
    assert replica.apply_together([d])[1]
    assert read(replica.snapshot()) == "abcd"


def test_who_writes_under_the_replicas_own_id_is_for_the_engine() -> None:
    replica = PycrdtReplica()
    first, *rest = typed(*"abc", client_id=replica._doc.client_id)
    replica.apply(first, Origin.MEMBER)
    for each in rest:
        replica.apply_together([each])
        assert not pending(replica)

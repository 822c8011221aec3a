"""Signing in at a relay with a name and a password."""

from __future__ import annotations

import http.client
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest
from websockets.typing import Subprotocol

from jupyter_live.testing.cluster import Cluster, RelayClient, RelayProcess

from .people import all_see, write

ELSEWHERE = "https://jupyter.example.org"
COOKIE = "jupyter-live-session"
PASSWORD = "correct horse battery"
FRED = "SELECT id FROM auth_user WHERE username = 'fred'"
RIGHT = "SELECT id FROM auth_permission WHERE codename = 'change_document'"
TO_VIEWER = f"DELETE FROM auth_user_user_permissions WHERE user_id = ({FRED}) AND permission_id = ({RIGHT})"
TO_NOBODY = f"DELETE FROM auth_user_user_permissions WHERE user_id = ({FRED})"


INTO_GROUP = """
WITH new AS (INSERT INTO auth_group (name) VALUES ('class') RETURNING id),
     may AS (INSERT INTO auth_group_permissions (group_id, permission_id)
             SELECT new.id, auth_permission.id FROM new, auth_permission WHERE codename = 'view_document')
INSERT INTO auth_user_groups (user_id, group_id)
SELECT auth_user.id, new.id FROM new, auth_user WHERE username = 'hugo'
"""


class Browser:
    """Keeps cookies, and follows no redirects."""

    def __init__(self, relay: RelayProcess, **headers: str) -> None:
        self.relay = relay
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.cookies: dict[str, str] = {}
        self.told: list[str] = []
        """`Set-Cookie` of the last answer."""

    def ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str, str]:
        """Status, text, and where a redirect leads."""
        connection = http.client.HTTPConnection("127.0.0.1", self.relay.port, timeout=60)
        form = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        connection.request(method, path, body, {**self.headers, **form, "Cookie": self.cookie})
        response = connection.getresponse()
        self.told = response.headers.get_all("Set-Cookie") or []
        for line in self.told:
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        text = response.read().decode()
        connection.close()
        return response.status, text, response.headers.get("Location", "")

    def send_form(self, path: str, **fields: str) -> tuple[int, str, str]:
        """Fill in and send the form at `/login/`."""
        _, page, _ = self.ask("GET", "/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token, page
        return self.ask("POST", path, urlencode({**fields, "csrfmiddlewaretoken": token[1]}))

    def sign_in(self, name: str, password: str = PASSWORD, **more: str) -> tuple[int, str, str]:
        return self.send_form("/login/", username=name, password=password, **more)

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())


class Student(RelayClient):
    """Has no ticket, but what a browser sends along."""

    def _address(self) -> tuple[str, list[Subprotocol] | None]:
        return super()._address()[0], None


class Watchful(RelayProcess):
    """Looks at sessions all the time."""

    def _launch(self) -> subprocess.Popen[bytes]:
        code = "from jupyter_live import cli; from jupyter_live import watch; watch.LOOK = 0.2; cli.main()"
        options = ("serve", "--login", *self._options, "--port", str(self.port))
        return self._popen(sys.executable, "-c", code, *options, cwd=self.home)


def live(*arguments: str, line: str = "") -> tuple[int, str]:
    """What `jupyter live` says."""
    command = [sys.executable, "-m", "jupyter_live.cli", *arguments]
    done = subprocess.run(command, input=f"{line}\n", capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def user(cluster: Cluster, *options: str, password: str = PASSWORD, database: str = "") -> tuple[int, str]:
    return live("user", "--database", database or cluster.database, *options, line=password)


@pytest.fixture(scope="module")
def school(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[RelayProcess]]:
    """Two relays at which ada, who writes, and bob can sign in."""
    assert user(cluster, "ada", "--role", "writer", "--full-name", "Ada Lovelace", "--password-stdin")[0] == 0
    assert user(cluster, "bob", "--role", "viewer", "--password-stdin")[0] == 0
    home = tmp_path_factory.mktemp("school")
    options = "--login", "--proxy-headers", "--origin", ELSEWHERE
    with cluster.relay(home / "one", *options) as one, cluster.relay(home / "two", *options) as two:
        yield [one, two]


@pytest.fixture
def student(cluster: Cluster, work: Path, school: list[RelayProcess]) -> Student:
    """Somebody with a document that is open."""
    (work / "login.txt").write_text("begun\n")
    return Student(cluster.server, "login.txt", "text", "file", via=school[0])


async def knocks(student: Student, cookie: str = "") -> int:
    """The code with which a relay turns somebody away; 0 where it does not."""
    await student.open(headers={"Cookie": cookie} if cookie else None)
    return await leaves(student)


async def knocks_again(student: Student, cookie: str) -> int:
    """The same without asking the Jupyter server, which needs the database."""
    await student.connect(headers={"Cookie": cookie})
    return await leaves(student)


async def leaves(student: Student) -> int:
    code = student.closed[0] if student.closed else 0
    await student.close()
    return code


async def test_who_signs_in_edits_with_others(cluster: Cluster, school: list[RelayProcess], student: Student) -> None:
    browser = Browser(school[0])
    assert browser.sign_in("ada")[::2] == (302, "/login/")
    assert "Ada Lovelace" in browser.ask("GET", "/login/")[1]
    other = cluster.client("login.txt", cluster.relays[0])
    await student.open(headers={"Cookie": browser.cookie})
    await other.open()
    hello = student.latest("hello")
    assert (hello["role"], hello["user"]["username"], hello["user"]["display_name"]) == (
        "writer",
        "ada",
        "Ada Lovelace",
    )
    write(student, "by ada")
    await all_see([student, other], "by ada")
    await student.close()
    await other.close()


async def test_who_has_no_permission_opens_nothing(
    cluster: Cluster, school: list[RelayProcess], student: Student
) -> None:
    """Of documents that are there they learn as little as of others."""
    told = user(cluster, "hugo", "--password-stdin")[1]
    assert "may open nothing without a ticket" in told
    browser = Browser(school[0])
    browser.sign_in("hugo")
    assert "may not open documents" in browser.ask("GET", "/login/")[1]
    assert await knocks(student, browser.cookie) == 4403
    assert student.closed and '"forbidden"' in student.closed[1] and not student.notices and not student.is_synced
    student.session["fileId"] = "none"
    assert await knocks_again(student, browser.cookie) == 4403
    with psycopg.connect(cluster.database) as connection:
        connection.execute(INTO_GROUP)
    assert await knocks(student, browser.cookie) == 0, "as a member of a group that may look"
    assert student.latest("hello")["role"] == "viewer"


async def test_who_may_look_looks(school: list[RelayProcess], student: Student, work: Path) -> None:
    browser = Browser(school[0])
    browser.sign_in("bob")
    await student.open(headers={"Cookie": browser.cookie})
    assert student.latest("hello")["role"] == "viewer"
    write(student, "by bob")
    await student.until(lambda: student.latest("refused"))
    assert "by bob" not in (work / "login.txt").read_text()
    await student.close()


async def test_who_has_no_session_is_turned_away(school: list[RelayProcess], student: Student) -> None:
    browser = Browser(school[0])
    browser.ask("GET", "/login/")
    for cookie in ("", f"{COOKIE}={'a1' * 16}", f"{COOKIE}=%00", f'{COOKIE}="', browser.cookie):
        assert await knocks(student, cookie) == 4401, cookie


async def test_a_session_counts_at_every_relay_until_its_end(school: list[RelayProcess], student: Student) -> None:
    browser = Browser(school[0])
    browser.sign_in("ada")
    kept = browser.cookie
    assert await knocks(student, kept) == 0
    browser.relay = student.via = school[1]
    assert await knocks(student, kept) == 0
    assert "Signed in" in browser.ask("GET", "/login/")[1]
    assert browser.send_form("/logout/")[::2] == (302, "/login/")
    for student.via in school:
        assert await knocks(student, kept) == 4401
    assert "Sign in" in browser.ask("GET", "/login/")[1]


async def test_who_is_deleted_or_inactive_is_turned_away(
    cluster: Cluster, school: list[RelayProcess], student: Student
) -> None:
    for name in ("carl", "dora"):
        assert user(cluster, name, "--role", "viewer", "--password-stdin")[0] == 0
    carl, dora = Browser(school[0]), Browser(school[0])
    for browser, name in ((carl, "carl"), (dora, "dora")):
        browser.sign_in(name)
        assert await knocks(student, browser.cookie) == 0
    assert user(cluster, "carl", "--delete") == (0, "deleted carl\n")
    with psycopg.connect(cluster.database) as connection:
        connection.execute("UPDATE auth_user SET is_active = false WHERE username = 'dora'")
    for browser, name in ((carl, "carl"), (dora, "dora")):
        assert await knocks(student, browser.cookie) == 4401
        assert "is wrong" in Browser(school[0]).sign_in(name)[1]


async def test_a_new_password_ends_sessions(cluster: Cluster, school: list[RelayProcess], student: Student) -> None:
    browser = Browser(school[0])
    user(cluster, "emil", "--password-stdin", "--role", "writer")
    browser.sign_in("emil")
    status, said = user(cluster, "emil", "--password-stdin", password="another horse battery")
    assert (status, said) == (0, "changed emil, who may edit, with a new password\n")
    assert await knocks(student, browser.cookie) == 4401


async def test_open_sockets_end_with_their_session(cluster: Cluster, student: Student, tmp_path: Path) -> None:
    user(cluster, "fred", "--role", "viewer", "--password-stdin")
    with Watchful(tmp_path, cluster.database, cluster.layer, cluster.keys) as relay:
        browser, student.via = Browser(relay), relay
        browser.sign_in("fred")
        await student.open(headers={"Cookie": browser.cookie})
        ticketed = cluster.client("login.txt", relay)
        await ticketed.open()
        user(cluster, "fred", "--role", "writer", "--password-stdin")  # with the password of before, hashed anew
        await student.until(lambda: student.closed)
        assert student.closed and student.closed[0] == 4401
        browser.sign_in("fred")
        await student.connect(headers={"Cookie": browser.cookie})
        assert student.latest("hello")["role"] == "writer"
        with psycopg.connect(cluster.database) as connection:
            connection.execute(TO_VIEWER)
        await student.until(lambda: student.closed)
        assert student.closed and student.closed[0] == 4501, "and comes back"
        await student.connect(headers={"Cookie": browser.cookie})
        assert student.latest("hello")["role"] == "viewer"
        with psycopg.connect(cluster.database) as connection:
            connection.execute(TO_NOBODY)
        await student.until(lambda: student.closed)
        assert student.closed and student.closed[0] == 4403
        user(cluster, "fred", "--role", "viewer", "--password-stdin")
        browser.sign_in("fred")
        await student.connect(headers={"Cookie": browser.cookie})
        browser.send_form("/logout/")
        await student.until(lambda: student.closed)
        assert student.closed and student.closed[0] == 4401
        assert ticketed.closed is None
        await ticketed.close()


async def test_sessions_outlive_new_keys(cluster: Cluster, school: list[RelayProcess], student: Student) -> None:
    browser = Browser(school[0])
    browser.sign_in("ada")
    assert live("new-key", str(cluster.keys)) == (0, "")
    for student.via in school:
        assert await knocks(student, browser.cookie) == 0
    newer = Browser(school[1])
    newer.sign_in("ada")
    for relay in school:
        for each in (browser, newer):
            each.relay = student.via = relay
            assert "Signed in" in each.ask("GET", "/login/")[1]
            assert await knocks(student, each.cookie) == 0


def test_guessing_is_slow(cluster: Cluster, school: list[RelayProcess]) -> None:
    user(cluster, "gina", "--password-stdin")
    guesses = [Browser(relay).sign_in("gina", f"guess {number}") for number in range(3) for relay in school]
    assert [status for status, *_ in guesses] == [200] * 5 + [429], "both relays count together"
    assert "is wrong" in guesses[0][1] and "Wait 5 minutes" in guesses[-1][1]
    assert Browser(school[0]).sign_in("gina")[0] == 429, "the right one would tell"
    elsewhere = Browser(school[0], X_Forwarded_For="192.0.2.7", X_Forwarded_Port="443")
    assert elsewhere.sign_in("gina")[0] == 302, "others are not locked out"


def test_next_leads_only_to_known_pages(school: list[RelayProcess]) -> None:
    for target in (f"{ELSEWHERE}/lab", "/healthz"):
        assert Browser(school[0]).sign_in("bob", next=target)[::2] == (302, target)
    for target in ("https://evil.example/", "//evil.example", "http://jupyter.example.org/", "javascript:alert(1)"):
        assert Browser(school[0]).sign_in("bob", next=target)[::2] == (302, "/login/"), target


def test_forms_need_their_token(school: list[RelayProcess]) -> None:
    browser = Browser(school[0])
    for path in ("/login/", "/logout/"):
        status, text, _ = browser.ask("POST", path, urlencode({"username": "ada", "password": PASSWORD}))
        assert status == 403 and "reload the page" in text
    assert COOKIE not in browser.cookies
    assert browser.ask("GET", "/logout/")[0] == 405
    assert browser.ask("POST", "/login/", "x" * 20_000)[0] == 413


def test_cookies_are_guarded(school: list[RelayProcess]) -> None:
    for scheme, is_secure in (("http", False), ("https", True)):
        forwarded = {"X_Forwarded_For": "192.0.2.1", "X_Forwarded_Port": "443", "X_Forwarded_Proto": scheme}
        browser = Browser(school[0], Origin=f"{scheme}://127.0.0.1:{school[0].port}", **forwarded)
        assert browser.sign_in("bob")[0] == 302
        (told,) = [line for line in browser.told if line.startswith(COOKIE)]
        assert "HttpOnly" in told and "SameSite=Lax" in told and ("Secure" in told) is is_secure


def test_the_page_is_for_everybody(school: list[RelayProcess]) -> None:
    _, page, _ = Browser(school[0]).ask("GET", "/login/")
    tags = _tags(page)
    fields = {told["id"]: told for tag, told in tags if tag == "input" and told.get("type") != "hidden"}
    assert {told["for"] for tag, told in tags if tag == "label"} == set(fields)
    assert {told["autocomplete"] for told in fields.values()} == {"username", "current-password"}
    assert [told["name"] for told in fields.values() if "autofocus" in told] == ["username"]
    assert ("html", {"lang": "en"}) in tags
    assert not [tag for tag, told in tags if tag in ("script", "link", "img") or "src" in told]
    assert 'role="alert"' in Browser(school[0]).sign_in("nobody", "x")[1]


async def test_what_is_away_is_told(fragile: Cluster, tmp_path: Path) -> None:
    user(fragile, "ada", "--role", "viewer", "--password-stdin")
    with fragile.relay(tmp_path / "school", "--login") as relay:
        browser = Browser(relay)
        browser.sign_in("ada")
        student = Student(fragile.server, "a.txt", "text", "file", via=relay)
        assert await knocks(student, browser.cookie) == 0
        fragile.redis.kill()
        status, text, _ = Browser(relay).sign_in("ada")
        assert status == 503 and "Try again in a minute" in text
        fragile.redis.start()
        fragile.postgres.kill()
        assert browser.ask("GET", "/login/")[0] == 500
        assert await knocks_again(student, browser.cookie) == 1013
        fragile.postgres.start()
        codes = [await knocks_again(student, browser.cookie) for _ in range(2)]
        assert codes[0] in (0, 1013) and codes[1] == 0, "a connection that broke may be noticed by being used"
        assert Browser(relay).sign_in("ada")[0] == 302


def _tags(page: str) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, {name: value or "" for name, value in attrs}))

    Parser().feed(page)
    return found


def test_the_command_tells_what_is_wrong(cluster: Cluster, school: list[RelayProcess]) -> None:
    for options, password, said in (
        (("new", "--password-stdin"), "short", "too short"),
        (("new", "--password-stdin"), "", "no password"),
        (("not a name", "--password-stdin"), PASSWORD, "valid username"),
        (("nobody", "--delete"), "", "there is no user 'nobody'"),
    ):
        status, text = user(cluster, *options, password=password)
        assert status == 1 and said in text, text
    status, text = user(cluster, "new", "--delete", database="mysql://x")
    assert status == 1 and "is no postgresql:// address" in text
    with pytest.raises(RuntimeError, match="origins by name"):
        cluster.relay(cluster.keys.parent / "any", "--login", "--origin", "*").start()


async def test_processes_without_it_use_the_same_database(
    cluster: Cluster, school: list[RelayProcess], work: Path, tmp_path: Path
) -> None:
    (work / "plain.txt").write_text("begun\n")
    browser = Browser(school[0])
    browser.sign_in("bob")
    cluster.server.stop()
    cluster.server.start()
    with cluster.relay(tmp_path / "plain") as plain:
        assert plain.get("/login/")[0] == 404
        client = cluster.client("plain.txt", plain)
        await client.open()
        write(client, "with a ticket")
        await client.until(lambda: client.is_saved)
        await client.close()
        without = Student(cluster.server, "plain.txt", "text", "file", via=plain)
        assert await knocks(without, browser.cookie) == 4401
    assert "with a ticket" in (work / "plain.txt").read_text()

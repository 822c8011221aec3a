"""The one page that a relay shows people of a hub, in its few forms."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from jupyter_live.asgitypes import Send
from jupyter_live.door import Person
from jupyter_live.errors import LiveError
from jupyter_live.hub.cookies import Header

_HTML = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} – Jupyter Live</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 0; }}
main {{ max-width: 26rem; margin: 10vh auto 0; padding: 1rem; }}
button {{ font: inherit; margin-top: 1rem; padding: .5rem 1rem; border: 1px solid GrayText; border-radius: 4px; }}
:focus-visible {{ outline: 3px solid Highlight; outline-offset: 2px; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
{content}
</main>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Page:
    """An answer to a browser."""

    status: int
    html: str = ""
    headers: tuple[Header, ...] = ()

    @classmethod
    def leading_to(cls, url: str, *headers: Header) -> Page:
        return cls(303, headers=((b"location", url.encode("ascii", "ignore")), *headers))

    async def send(self, send: Send, forms_lead_to: str) -> None:
        """It loads nothing, stands in no frame, and is kept by nobody."""
        policy = f"default-src 'none'; style-src 'unsafe-inline'; form-action {forms_lead_to.strip()}"
        headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-security-policy", f"{policy}; frame-ancestors 'none'; base-uri 'none'".encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
            (b"cache-control", b"no-store"),
            *self.headers,
        ]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.html.encode()})


def signed_in(person: Person, sign_out: str, *headers: Header) -> Page:
    """Who is signed in, and what they may do."""
    who, may = person.identity, person.permissions
    name = who.display_name or who.name or who.username
    can = "You may edit documents." if "write" in may else "You may look at documents, not edit them."
    if "read" not in may:
        can = "You may not open documents here. Ask the people who run this hub for the right to."
    content = (
        f"<p>You are signed in as <strong>{escape(name)}</strong> ({escape(who.username)}). {can}</p>\n"
        f'<form method="post" action="{escape(sign_out)}"><button type="submit">Sign out of the hub</button></form>'
    )
    html = _HTML.format(title="Signed in" if "read" in may else "No access", content=content)
    return Page(200 if "read" in may else 403, html, headers)


def refusal(error: LiveError) -> Page:
    """What went wrong, and what to do."""
    texts = {
        "unauthenticated": "Signing in did not work: it took more than ten minutes, or this browser keeps no cookies.",
        "forbidden": "The hub did not let you in here.",
        "not_ready": "The hub does not answer at the moment. Try again in a minute.",
    }
    text = texts.get(error.code, error.kind.message)
    content = f'<p role="alert">{escape(text)}</p>\n<p><a href="login/">Sign in again</a></p>'
    return Page(error.kind.status, _HTML.format(title="Not signed in", content=content))

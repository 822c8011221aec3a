"""Jupyter Live on JupyterHub: a server that a group shares, and relays. README.md tells what to change."""

import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821  JupyterHub's
HERE = Path(__file__).parent

# Where browsers find the hub. Relays are told to browsers by this address.
PUBLIC = os.environ.get("HUB_PUBLIC_URL", "http://127.0.0.1:8000")
c.JupyterHub.bind_url = c.JupyterHub.public_url = PUBLIC

# Who is in which group. A real hub has its groups from its authenticator, or from its admin page.
c.JupyterHub.load_groups = {
    "analysis-editors": {"users": ["ada"]},
    "analysis-viewers": {"users": ["bob"]},
    "analysis": {"users": ["analysis"]},  # nobody: the account whose server the others share
}

# How people are shown, where the authenticator knows no more than a name (JupyterHub 6; JupyterHub 5 shows names only).
SHOWN = {
    "ada": {"name": "Ada Lovelace", "display_name": "Ada Lovelace", "initials": "AL", "color": "#0072b2"},
    "bob": {"name": "Bob Kahn", "display_name": "Bob Kahn", "initials": "BK", "color": "#d55e00"},
}


def show(authenticator, handler, who):
    who["user_info"] = {**(who.get("user_info") or {}), **SHOWN.get(who["name"], {})}
    return who


c.Authenticator.post_auth_hook = show

# The scopes by which Jupyter Live tells viewers from editors. Whoever may edit may look.
READ, WRITE = "custom:jupyter-live:read", "custom:jupyter-live:write"
c.JupyterHub.custom_scopes = {
    READ: {"description": "Look at documents of Jupyter Live"},
    WRITE: {"description": "Edit documents of Jupyter Live", "subscopes": [READ]},
}

# 1. The server of the account `analysis`, which the group shares: files, kernels and one log, all on that server.
#    Editors may start it; viewers enter while it runs. It needs no relay, no Redis and no key, and must have none.
c.JupyterHub.load_roles = [
    {
        "name": "analysis-editors",
        "groups": ["analysis-editors"],
        "scopes": [
            *("access:servers!user=analysis", "servers!user=analysis", "read:users:name!user=analysis"),
            f"{WRITE}!user=analysis",
        ],
    },
    {"name": "analysis-viewers", "groups": ["analysis-viewers"], "scopes": ["access:servers!user=analysis"]},
]
c.Spawner.args = [
    "--ServerApp.authorizer_class=jupyter_live.hub.authorizer.HubAuthorizer",
    "--LabApp.extension_manager=readonly",  # else everybody who enters, viewers too, could install packages
]
c.Spawner.default_url = "/lab"
# What a token that a browser gets for such a server may hold, of the scopes that its person has.
c.Spawner.oauth_client_allowed_scopes = [f"{WRITE}!server", f"{READ}!server"]

# 2. Relays, and a server that has documents and runs no code: for more people than one server serves. Both hold
#    secrets, which no server that runs people's code may have. They are services of the hub, which starts them here.
c.JupyterHub.services = []
if os.environ.get("JUPYTER_LIVE_DATABASE"):
    secrets = {name: os.environ[f"JUPYTER_LIVE_{name}"] for name in ("DATABASE", "LAYER", "KEYS")}
    relay, documents = (int(os.environ.get(name, port)) for name, port in (("RELAY_PORT", 8765), ("FILES_PORT", 8766)))
    told = {f"JUPYTER_LIVE_{name}": value for name, value in secrets.items()}
    folder = Path(os.environ.get("DOCUMENTS", "documents")).resolve()
    c.JupyterHub.services += [
        {
            "name": "jupyter-live",
            "url": f"http://127.0.0.1:{relay}",
            "command": [
                *(sys.executable, "-m", "jupyter_live.cli", "serve"),
                *("--hub", "--port", str(relay), "--proxy-headers"),
            ],
            "environment": told,
            "oauth_client_id": "service-jupyter-live",
            "oauth_no_confirm": True,  # it is the hub's own: nobody needs to be asked whether they trust it
            "oauth_client_allowed_scopes": [f"{WRITE}!service=jupyter-live", f"{READ}!service=jupyter-live"],
        },
        {
            "name": "documents",
            "url": f"http://127.0.0.1:{documents}",
            "command": [sys.executable, "-m", "jupyterhub.singleuser", f"--config={HERE / 'documents_config.py'}"],
            "environment": {**told, "DOCUMENTS": str(folder), "HUB_PUBLIC_URL": PUBLIC},
            "cwd": str(HERE),  # not the folder of documents: Jupyter reads configuration where it is started
            "oauth_client_id": "service-documents",
            "oauth_no_confirm": True,
            "oauth_client_allowed_scopes": [f"{WRITE}!service=documents", f"{READ}!service=documents"],
        },
    ]
    for who, scope in (("analysis-editors", WRITE), ("analysis-viewers", READ)):
        for service in ("jupyter-live", "documents"):
            scopes = [f"access:services!service={service}", f"{scope}!service={service}"]
            c.JupyterHub.load_roles.append({"name": f"{who}-{service}", "groups": [who], "scopes": scopes})

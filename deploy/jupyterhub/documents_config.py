"""The Jupyter server that has the documents of relays: trusted with their secrets, so it runs nobody's code."""

import os

c = get_config()  # noqa: F821  Jupyter's

c.ServerApp.root_dir = os.environ["DOCUMENTS"]
c.ServerApp.default_url = "/lab"
c.ServerApp.authorizer_class = "jupyter_live.hub.authorizer.HubAuthorizer"
c.HubAuthorizer.runs_code = False
c.ServerApp.terminals_enabled = False
c.LabApp.extension_manager = "readonly"  # everybody who enters could install packages otherwise

c.LiveApp.database = os.environ["JUPYTER_LIVE_DATABASE"]
c.LiveApp.layer = os.environ["JUPYTER_LIVE_LAYER"]
c.LiveApp.keys = os.environ["JUPYTER_LIVE_KEYS"]
# Browsers go to the relay, with tickets: ws://… for http://…, wss://… for https://…
c.LiveApp.relay_url = os.environ["HUB_PUBLIC_URL"].replace("http", "ws", 1).rstrip("/") + "/services/jupyter-live"

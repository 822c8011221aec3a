"""People by JupyterHub: whose a token is and what it may do, signing in at the hub, roles on a shared server.

Nothing of JupyterHub is imported before it is needed: it is an extra.
"""

READ = "custom:jupyter-live:read"
"""The hub's scope, defined in its configuration, of those who may look at documents."""
WRITE = "custom:jupyter-live:write"
"""The scope of those who may edit, too."""

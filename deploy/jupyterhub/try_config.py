"""For a try on one machine, never for a hub that others reach: everybody is who they say, all servers run as you."""

import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821  JupyterHub's
load_subconfig(str(Path(__file__).with_name("jupyterhub_config.py")))  # noqa: F821

c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = os.path.abspath("homes/{username}")
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]

"""Which servers are temporary, and for how long."""

import pytest

from jupyter_live.binder import temporary


@pytest.mark.parametrize("host", ["https://mybinder.org/", "https://2i2c.mybinder.org/"])
def test_limits_of_mybinder_are_known(host: str) -> None:
    told = temporary({"BINDER_LAUNCH_HOST": host, "BINDER_REPO_URL": "https://x.org/r"}, 1000.0)
    assert told and told["ends"] == (1000 + 6 * 3600) * 1000 and told["idle"] == 600
    assert told["repo"] == "https://x.org/r"


@pytest.mark.parametrize("host", ["https://binder.example.org/", "https://notmybinder.org/", ""])
def test_those_of_another_binder_are_not(host: str) -> None:
    told = temporary({"BINDER_LAUNCH_HOST": host, "BINDER_REPO_URL": "https://x.org/r"}, 1000.0)
    assert told and told["ends"] is None and told["idle"] is None


@pytest.mark.parametrize("environ", [{}, {"JUPYTERHUB_SERVICE_PREFIX": "/user/ada/"}, {"BINDER_LAUNCH_HOST": ""}])
def test_other_servers_stay(environ: dict[str, str]) -> None:
    assert temporary(environ, 1000.0) is None

"""Live collaboration on notebooks and files in JupyterLab."""

__version__ = "0.1.0"


def _jupyter_server_extension_points() -> list[dict[str, object]]:
    from jupyter_live.app import LiveApp

    return [{"module": "jupyter_live", "app": LiveApp}]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyter-live"}]

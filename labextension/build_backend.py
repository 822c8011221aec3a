"""PEP 517 build backend: setuptools, after the JupyterLab extension has been built.

The extension is built before setuptools reads setup.cfg, because the patterns of
`[options.data_files]` are expanded at that moment; a command hook would come too late.
"""

import shutil
from typing import Any

import npm_build
from setuptools import Distribution, build_meta

# `editable_wheel` asks for `has_data`, which setuptools does not have: it would leave out all data
# files, and with them the JupyterLab extension, from `pip install -e`.
if not hasattr(Distribution, "has_data"):
    Distribution.has_data = Distribution.has_data_files

prepare_metadata_for_build_wheel = build_meta.prepare_metadata_for_build_wheel
prepare_metadata_for_build_editable = build_meta.prepare_metadata_for_build_editable

Settings = dict[str, Any] | None


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    return build_meta.get_requires_for_build_wheel(config_settings) + _node_wheel()


def get_requires_for_build_editable(config_settings: Settings = None) -> list[str]:
    return build_meta.get_requires_for_build_editable(config_settings) + _node_wheel()


def get_requires_for_build_sdist(config_settings: Settings = None) -> list[str]:
    return build_meta.get_requires_for_build_sdist(config_settings) + _node_wheel()


def build_wheel(wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None) -> str:
    _build_labextension()
    # setuptools reuses this folder and would ship modules that have been deleted since.
    shutil.rmtree(npm_build.ROOT / "build" / "lib", ignore_errors=True)
    return build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)


def build_editable(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    _build_labextension()
    return build_meta.build_editable(wheel_directory, config_settings, metadata_directory)


def build_sdist(sdist_directory: str, config_settings: Settings = None) -> str:
    _build_labextension()
    return build_meta.build_sdist(sdist_directory, config_settings)


def _node_wheel() -> list[str]:
    """A Node from PyPI, only for a build that needs one on a machine that has none."""
    if npm_build.is_sdist() or npm_build.is_current() or npm_build.has_node():
        return []
    return [npm_build.NODE_WHEEL]


def _build_labextension() -> None:
    try:
        npm_build.build()
    except npm_build.BuildError as error:
        # One line instead of a traceback in pip's output.
        raise SystemExit(f"jupyter-live: {error}") from None

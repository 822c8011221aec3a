"""Settings of jupyter-collaboration, for servers that ran it before: taken over, or named with the reason why not."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from traitlets import Bool, Float, HasTraits, TraitError
from traitlets.config import Config
from traitlets.config.loader import (
    ConfigFileNotFound,
    DeferredConfig,
    FileConfigLoader,
    JSONFileConfigLoader,
    PyFileConfigLoader,
)

EXTENSION = "jupyter_server_ydoc"
"""The server extension of jupyter-collaboration: a configuration file of its own is named after it."""

FOREVER = float("inf")


class YDocExtension(HasTraits):
    """Those of its settings that mean something here, as it reads them."""

    document_save_delay = Float(1.0, allow_none=True)
    document_cleanup_delay = Float(60.0, allow_none=True)
    disable_rtc = Bool(False)


_SAVED_ALWAYS = "files are always saved; a delay may be set with LiveApp.save_delay and LiveApp.save_delay_max"
_IN_SLICES = "large documents come in slices always"
_LOG = "changes are kept in a log of another kind, see LiveApp.database; the old store is left as it is"
_COMPACTED = f"the log is compacted by itself, see LiveApp.history_days ({_LOG})"

IGNORED = {
    "YDocExtension": {
        "file_poll_interval": "open files are looked at all the time, and changes of others are merged",
        "file_stop_poll_on_errors_after": "a file that cannot be read is told to everybody, and tried again",
        "document_load_progressively": _IN_SLICES,
        "notebook_output_delay_threshold_mb": _IN_SLICES,
        "ystore_class": _LOG,
        "server_side_execution": "cells run in the server with the extra jupyter-live[execution], without a setting",
        "session_store_path": "reconnecting needs no such file: the log knows each document's history",
    },
    "SQLiteYStore": {"db_path": _LOG, "squash_after_inactivity_of": _COMPACTED, "document_ttl": _COMPACTED},
    "TempFileYStore": {"prefix_dir": _LOG},
    "BaseYStore": {},
}
"""Its settings that have no equivalent, and why."""


class Taken(NamedTuple):
    """What came of a configuration for jupyter-collaboration."""

    values: dict[str, Any]
    """Traits of ours to set."""
    notices: list[str]
    """What to tell, a sentence for each setting that was found."""


def take_over(config: Config, own: Collection[str]) -> Taken:
    """What settings of jupyter-collaboration mean here. Traits that are configured as ours (`own`) stay as they are."""
    taken = Taken({}, [])
    for owner, reasons in IGNORED.items():
        for name, value in config[owner].items() if owner in config else ():
            if owner == "YDocExtension" and YDocExtension.class_traits().get(name):
                _take(taken, name, value, own)
            else:
                reason = reasons.get(name, "Jupyter Live has no such setting")
                taken.notices.append(f"{owner}.{name} is a setting of jupyter-collaboration and is ignored: {reason}.")
    return taken


def read_files(folders: Sequence[str]) -> Config:
    """What jupyter-collaboration's own configuration files in these folders say; the first folder's word counts most.

    Raises whatever such a file raises.
    """
    config = Config()
    for folder in reversed(folders):
        kinds: tuple[type[FileConfigLoader], ...] = (JSONFileConfigLoader, PyFileConfigLoader)
        for kind, ending in zip(kinds, ("json", "py"), strict=True):
            try:
                config.merge(kind(f"{EXTENSION}_config.{ending}", path=folder).load_config())
            except ConfigFileNotFound:
                continue
    return config


def _take(taken: Taken, name: str, value: Any, own: Collection[str]) -> None:
    said = f"YDocExtension.{name}"
    try:
        wanted = _value(name, value)
    except TraitError as error:
        taken.notices.append(f"{said} is a setting of jupyter-collaboration and is ignored: {error}")
        return
    ours = dict(_equivalents(name, wanted))
    if not ours:
        taken.notices.append(
            f"{said} = {wanted} is a setting of jupyter-collaboration and is ignored: {_SAVED_ALWAYS}."
        )
        return
    new = {trait: setting for trait, setting in ours.items() if trait not in own}
    taken.values.update(new)
    if not new:
        what = f"is ignored, since {' and '.join(f'LiveApp.{trait}' for trait in ours)} is set"
    else:
        what = f"is deprecated here. Write {_written(new, isinstance(value, DeferredConfig))} instead"
    taken.notices.append(f"{said} = {wanted} is a setting of jupyter-collaboration and {what}.")


def _value(name: str, value: Any) -> Any:
    """A setting as its trait reads it. Raises TraitError."""
    trait = YDocExtension.class_traits()[name]
    if isinstance(value, DeferredConfig):  # from the command line: a text, until somebody knows the type
        try:
            value = value.get_value(trait)
        except ValueError as error:
            raise TraitError(str(error)) from None
    return getattr(YDocExtension(**{name: value}), name)


def _equivalents(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The traits of ours that do what a setting asks for."""
    if name == "disable_rtc":
        yield "live", not value
    elif name == "document_cleanup_delay":
        yield "idle_delay", FOREVER if value is None else value
    elif value is not None:
        yield "save_delay", value
        if value > _LATEST:
            yield "save_delay_max", value


_LATEST = 5.0  # the default of save_delay_max: what is to be saved later than that needs it larger


def _written(values: dict[str, Any], on_command_line: bool) -> str:
    if on_command_line:
        return " ".join(f"--LiveApp.{trait}={value}" for trait, value in values.items())
    shown = {trait: 'float("inf")' if value == FOREVER else repr(value) for trait, value in values.items()}
    return "; ".join(f"c.LiveApp.{trait} = {value}" for trait, value in shown.items())

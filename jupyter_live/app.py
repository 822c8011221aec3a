"""The server extension: traits to config, ports to their implementations, start and stop."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_core.paths import jupyter_data_dir
from jupyter_server.extension.application import ExtensionApp
from traitlets import Bool, Float, Integer, Unicode
from traitlets.config import Config as TraitsConfig

from jupyter_live import compat, garbage, migrating, mount, work
from jupyter_live.asgitypes import Message, Receive, Send
from jupyter_live.binder import temporary
from jupyter_live.config import Config
from jupyter_live.errors import LiveError
from jupyter_live.events import Events, register
from jupyter_live.fileids import FileIds
from jupyter_live.ids import DocumentName
from jupyter_live.mount.kernels import Kernels
from jupyter_live.mount.people import People
from jupyter_live.mount.websocket import close_all
from jupyter_live.threads import begin_root_task, end_idle_workers

if TYPE_CHECKING:
    from jupyter_live.log.owner import Owned
    from jupyter_live.programs import Programs
    from jupyter_live.room import Room
    from jupyter_live.tickets import Ticket

PREFIX = "/api/collaboration"


CONTENTS_EVENTS = "https://events.jupyter.org/jupyter_server/contents_service/v1"

DEFAULTS = Config(database=Path())

START_AGAIN = 3.0  # seconds between attempts while a shared database or layer cannot be reached


class LiveApp(ExtensionApp):
    """Live collaboration on notebooks and files."""

    name = "jupyter_live"
    app_name = "Jupyter Live"
    description = "Several people edit the same notebook or file at once."
    load_other_extensions = True

    database = Unicode(
        "",
        config=True,
        help="SQLite file of the update log, or postgresql://user:password@host/name for a database that several"
        " processes share, which then need a channel layer, too."
        " Default: jupyter_live/live.sqlite3 in Jupyter's data folder.",
    )
    layer = Unicode(
        "",
        config=True,
        help="redis://host:port/number: the channel layer by which the processes that share a database hear of"
        " each other.",
    )
    relay_url = Unicode(
        "",
        config=True,
        help="wss://host: where people are sent to edit documents, with a ticket; they fall back to this server.",
    )
    keys = Unicode("", config=True, help="File with the keys that tickets are signed with, one a line. See relay_url.")
    live = Bool(
        DEFAULTS.live,
        config=True,
        help="False: documents open as they do without Jupyter Live, for everybody by themselves.",
    )
    save_delay = Float(
        DEFAULTS.save_delay,
        config=True,
        help="Seconds of quiet after the last change before a file is saved.",
    )
    save_delay_max = Float(
        DEFAULTS.save_delay_max,
        config=True,
        help="Seconds after the first unsaved change until a file is saved at the latest; twice that where more than "
        "100 files are changed at once.",
    )
    idle_delay = Float(
        DEFAULTS.idle_delay,
        config=True,
        help="Seconds a document stays in memory after the last one has left.",
    )
    max_message_size = Integer(
        DEFAULTS.max_message_size,
        config=True,
        help="Bytes of one WebSocket message; larger ones close the socket (1009).",
    )
    max_file_size = Integer(
        DEFAULTS.max_file_size,
        config=True,
        help="Bytes of a file; larger ones are not opened for live editing.",
    )
    outbox_limit = Integer(
        DEFAULTS.outbox_limit,
        config=True,
        help="Bytes queued for one slow client before single changes are dropped for one difference later.",
    )
    inbox_limit = Integer(
        DEFAULTS.inbox_limit,
        config=True,
        help="Bytes received from a client and not handled before its socket waits.",
    )
    ping_interval = Float(
        DEFAULTS.ping_interval, config=True, help="Seconds between WebSocket pings; 0 switches them off."
    )
    history_days = Float(
        DEFAULTS.history_days,
        config=True,
        help="Days for which the log keeps what it has of a document that nobody opens; 0 keeps it for ever.",
    )
    drain_timeout = Float(
        DEFAULTS.drain_timeout, config=True, help="Seconds that saving may take when the server stops."
    )

    programs_now: Programs | None = None

    def _link_jupyter_server_extension(self, serverapp: Any) -> None:
        super()._link_jupyter_server_extension(serverapp)
        compat.take_place(self, serverapp)

    def initialize_settings(self) -> None:
        # jupyter-server-fileid, which loads after us, cannot start where this folder has never been made: without
        # JupyterLab nobody else makes it.
        Path(jupyter_data_dir()).mkdir(parents=True, exist_ok=True)
        self._migrate()

    def initialize_handlers(self) -> None:
        logging.getLogger("jupyter_live").parent = self.log  # what our modules log goes where Jupyter's log goes
        config = self._config()
        if not config.live:
            self.log.warning("Live editing is switched off (LiveApp.live): documents open for everybody by themselves")
            # The front end that we share with jupyter-collaboration opens documents the ordinary way then.
            self._page_config["disableRTC"] = True
        elif self.serverapp and self.serverapp.session_manager:
            Kernels(self.serverapp.session_manager)
        self._began = time.time()
        if told := temporary(os.environ, self._began):
            self._page_config["liveTemporary"] = told
        self._meet_people()
        limits = mount.Limits(config.max_message_size, config.inbox_limit, config.ping_interval)
        self._application: asyncio.Future[mount.Application] | None = None
        self.handlers.extend(mount.handlers(PREFIX, self._serve, limits))

    async def programs(self) -> Programs:
        """As `compat.Host` has it."""
        await self._ready()
        assert self.programs_now is not None
        return self.programs_now

    def file_id(self, path: str) -> str:
        """As `compat.Host` has it."""
        return self._rooms.file_id_at(path) or self._file_ids.of(path)[0]

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        """Make the database ready and build the application; requests wait until that is done."""
        if self._application is not None:  # a request came first
            return
        assert serverapp.event_logger is not None
        register(serverapp.event_logger)  # now all other extensions have made theirs known
        end_idle_workers()
        self._root_task = begin_root_task()
        self._retrying: asyncio.Task[None] | None = None
        if not await self._started():
            self._retrying = asyncio.create_task(self._retry(), name="jupyter-live-start")

    async def _started(self) -> bool:
        """Whether there is an application by now; False while what it shares with others cannot be reached."""
        self._application = application = asyncio.get_running_loop().create_future()
        try:
            application.set_result(await self._build())
            return True
        except Exception as error:
            is_away = isinstance(error, LiveError) and error.code == "not_ready"
            if is_away:
                self.log.error("%s; documents cannot be opened until it can", error)
            else:
                self.log.exception("not_started: documents cannot be opened together")
            application.set_exception(error if is_away else LiveError("not_started", repr(error)))
            application.exception()  # logged above
            return not is_away

    async def _retry(self) -> None:
        while True:
            await asyncio.sleep(START_AGAIN)
            if await self._started():
                self.log.info("documents can be opened now")
                return

    async def stop_extension(self) -> None:
        """Save, let every client go with 1012, then save and log what has come meanwhile."""
        if retrying := getattr(self, "_retrying", None):
            retrying.cancel()
            await asyncio.wait([retrying])
        if hasattr(self, "_rooms"):
            self._operating.is_draining = True
            await self._rooms.save_all()
        await close_all()
        if hasattr(self, "_rooms"):
            await self._rooms.drain()
            if self.programs_now:
                await self.programs_now.close()
            await self._forks.close()
            await self._events.close()
            await self._leases.close()
            await self._log.close()
            self._database.release()
            self._operating.close()
        await asyncio.to_thread(work.close)
        if hasattr(self, "_root_task"):
            self._root_task.cancel()

    async def _serve(self, scope: Message, receive: Receive, send: Send) -> None:
        application = await self._ready()
        await application(scope, receive, send)

    async def _ready(self) -> mount.Application:
        if self._application is None:
            await self._start_jupyter_server_extension(self.serverapp)
            assert self._application is not None
        return await asyncio.shield(self._application)

    async def _build(self) -> mount.Application:
        config = self._config()
        # Imported here and in a thread: Django and Channels take 0.3 s, in which Jupyter can already serve.
        self._database = await asyncio.to_thread(_prepare, config)
        from jupyter_live.consumers.relay import RelayConsumer, check_layer
        from jupyter_live.consumers.routing import application
        from jupyter_live.engine.pycrdt import PycrdtEngine
        from jupyter_live.files.contents import Contents
        from jupyter_live.files.rate import Rate
        from jupyter_live.forking import ForkOpener
        from jupyter_live.forks import Forks
        from jupyter_live.leases import Alone
        from jupyter_live.log.leases import SqlLeases
        from jupyter_live.log.sql import SqlLog
        from jupyter_live.opening import Opener
        from jupyter_live.operating.reports import Operating
        from jupyter_live.programs import Programs
        from jupyter_live.rooms import Files, Rooms

        assert self.serverapp is not None
        engine = PycrdtEngine()
        folding = work.Folding(engine)
        await check_layer()
        self._log = SqlLog(engine.merge, folding.fold, folding.fold_onto, self._database.trouble)
        if config.history_days:
            self._log.retain(config.history_days)
        contents = Contents(self.serverapp.contents_manager, config.max_file_size)
        self._file_ids = file_ids = FileIds(self.serverapp.web_app.settings)
        events = self.serverapp.event_logger
        assert events is not None
        events.add_listener(schema_id=CONTENTS_EVENTS, listener=self._on_contents_event)
        self._leases = SqlLeases(file_ids.identity) if self._log.is_shared else Alone()
        rate = Rate(config.save_delay_max)
        opener = Opener(config, engine, self._log, contents, file_ids, RelayConsumer, self._leases, rate)
        fork_opener = ForkOpener(engine, self._log, RelayConsumer, self._leases)

        def open_room(name: DocumentName, *rest: Any) -> Coroutine[Any, Any, Room]:
            return fork_opener.open(name, *rest) if name.is_fork else opener.open(name, *rest)

        files = Files(file_ids.at, file_ids.find, file_ids.take, contents.identity)
        self._rooms = Rooms(config, self._log, open_room, files, self._leases, RelayConsumer)
        self._events = Events(events, file_ids.find)
        self._rooms.listeners.append(self._events.hear)
        self.programs_now = Programs(self._rooms, config.outbox_limit)
        self._forks = Forks(self._rooms, self._log, engine)
        self._operating = Operating(self._rooms, self._log)
        relay = self._find_relay()
        archive = self._find_archive(contents.local(""))
        asgi: mount.Application = application(
            self._rooms, config, file_ids.of, self._operating, self._forks, relay, archive
        )
        garbage.look_less()
        return asgi

    def _find_relay(self) -> Callable[[Ticket], dict[str, str] | None]:
        if not self.relay_url:
            return lambda ticket: None
        from jupyter_live.tickets import KeyFile, Tickets

        tickets, url = Tickets(KeyFile(Path(self.keys))), self.relay_url.rstrip("/")
        return lambda ticket: {"url": url, "ticket": tickets.issue(ticket)}

    def _find_archive(self, root: Path | None) -> Callable[[], bytes] | None:
        if root is None or temporary(os.environ, self._began) is None:
            return None
        from jupyter_live.files.changed import archive

        return lambda: archive(root, self._began)

    async def _on_contents_event(self, logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        if data["action"] == "rename":
            self._rooms.moved(data["source_path"].strip("/"), data["path"].strip("/"))

    def _meet_people(self) -> None:
        assert self.serverapp is not None
        # There are rooms once the database is ready; until then nobody is anywhere.
        People(
            self.serverapp.identity_provider,
            lambda: self._rooms.lobby.presence.names if hasattr(self, "_rooms") else (),
            lambda identity: self._rooms.rename(identity) if hasattr(self, "_rooms") else None,
        )

    def _migrate(self) -> None:
        """Take over what was configured for jupyter-collaboration, and tell how to write it now."""
        assert self.serverapp is not None
        config = TraitsConfig()
        try:
            config = migrating.read_files(self.config_file_paths)
        except Exception:
            self.log.exception("The configuration file of %s cannot be read and is ignored", migrating.EXTENSION)
        config.merge(self.serverapp.config)
        taken = migrating.take_over(config, self.config[type(self).__name__].keys())
        for name, value in taken.values.items():
            setattr(self, name, value)
        for notice in taken.notices:
            self.log.warning("%s", notice)

    @property
    def _page_config(self) -> dict[str, Any]:
        """What pages are told; an ordinary Jupyter page reads it as text."""
        assert self.serverapp is not None
        told: dict[str, Any] = self.serverapp.web_app.settings.setdefault("page_config_data", {})
        return told

    def _config(self) -> Config:
        is_shared = "://" in self.database
        file = "" if is_shared else self.database
        names = [name for name in Config.__dataclass_fields__ if name not in ("database", "database_url", "layer_url")]
        return Config(
            database=Path(file or Path(jupyter_data_dir()) / "jupyter_live" / "live.sqlite3"),
            database_url=self.database if is_shared else "",
            layer_url=self.layer,
            **{name: getattr(self, name) for name in names},
        )


def _prepare(config: Config) -> Owned:
    from jupyter_live.settings import configure

    configure(config)
    from jupyter_live.log.owner import own, share

    return share(config.database_url) if config.database_url else own(config.database)

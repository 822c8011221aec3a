"""What packages made for jupyter-collaboration look for in the server: a face, with nothing of its own behind.

They find a server extension named `jupyter_server_ydoc`, its application, and by that documents and rooms.
docs/compatibility.md tells which package looks for what; each has a test in tests/clients.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol

from jupyter_server.extension.application import ExtensionApp
from jupyter_server.extension.manager import ExtensionPackage, ExtensionPoint

from jupyter_live.ids import GLOBAL_AWARENESS, DocumentName

if TYPE_CHECKING:
    import pycrdt
    from jupyter_ydoc.ybasedoc import YBaseDoc

    from jupyter_live.direct import DirectConnection
    from jupyter_live.programs import Programs

NAME = "jupyter_server_ydoc"


class Host(Protocol):
    """Whose documents these are."""

    live: bool
    """Whether documents open live at all."""
    programs_now: Programs | None
    """As `programs` gives them, once they are there."""

    async def programs(self) -> Programs:
        """The documents, for programs of this process. Raises LiveError while there are none."""

    def file_id(self, path: str) -> str:
        """The file id of the file at a path, which gets one if need be."""


class RoomNotFound(LookupError):
    """No document is open under this id."""


class YDocExtension(ExtensionApp):
    """The application of jupyter-collaboration's server extension, as other extensions know it."""

    name = NAME
    app_name = "Collaboration"
    description = "Jupyter Live, for packages that look for jupyter-collaboration"

    host: Host

    def _load_config(self, *arguments: Any, **options: Any) -> None:
        """Take nothing, and warn of nothing: what is configured under this name is for `migrating.py`."""

    @property
    def disable_rtc(self) -> bool:
        return not self.host.live

    @property
    def ywebsocket_server(self) -> OpenRooms:
        return OpenRooms(self.host)

    async def get_document(
        self,
        *,
        path: str | None = None,
        content_type: str | None = None,
        file_format: Literal["json", "text"] | None = None,
        room_id: str | None = None,
        copy: bool = True,
        create: bool = False,
    ) -> YBaseDoc | None:
        """The document of a room, or of a file; None when it is not open, unless it is to `create` the room.

        Without `copy` it is live: what is done to it, everybody sees. Raises ValueError when it is not told which
        document, LiveError when it cannot be opened.
        """
        by_path = (path, content_type, file_format)
        if room_id is None and None in by_path or room_id is not None and by_path != (None, None, None):
            raise ValueError("give either room_id, or path, content_type and file_format")
        programs = await self.host.programs()
        if path is not None:
            name: DocumentName | None = DocumentName(str(file_format), str(content_type), self.host.file_id(path))
        else:
            name = DocumentName.parse(str(room_id))
        if name is None or not (create or programs.is_open(name)):
            return None
        return await programs.copy(name) if copy else (await programs.connect(name)).model


class OpenRooms:
    """Rooms by id, as a `JupyterWebsocketServer` has them."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def room_exists(self, room_id: str) -> bool:
        programs = self._host.programs_now
        name = DocumentName.parse(room_id)
        return programs is not None and (room_id == GLOBAL_AWARENESS or (name is not None and programs.is_open(name)))

    async def get_room(self, room_id: str) -> OpenRoom | LobbyRoom:
        """An open room. Raises RoomNotFound."""
        programs = await self._host.programs()
        if room_id == GLOBAL_AWARENESS:
            return LobbyRoom(room_id, programs.everyone())
        name = DocumentName.parse(room_id)
        if name is None or not programs.is_open(name):
            raise RoomNotFound(f"{room_id} is not open")
        return OpenRoom(name, await programs.connect(name))


class LobbyRoom:
    """The room in which everybody is shown, as a `TransientRoom`."""

    def __init__(self, room_id: str, awareness: pycrdt.Awareness) -> None:
        self.room_id = room_id
        self.awareness = awareness


class OpenRoom:
    """A document's room, as a `DocumentRoom`."""

    def __init__(self, name: DocumentName, connection: DirectConnection) -> None:
        self.room_id: str = name.id
        self.file_format = name.format
        self.file_type = name.type
        self.awareness = connection.awareness
        self.ydoc = connection.model.ydoc
        self._document = connection.model


def take_place(host: Host, serverapp: Any) -> None:
    """Be found as `jupyter_server_ydoc`, unless that itself is enabled. To be called while extensions are linked."""
    manager = serverapp.extension_manager
    if (known := manager.extensions.get(NAME)) and known.enabled:
        serverapp.log.warning(
            "%s is enabled beside Jupyter Live, by a configuration of your own. Both serve documents under the same"
            " addresses: switch it off with `jupyter server extension disable %s`",
            NAME,
            NAME,
        )
        return
    # An enabled one would be imported.
    package: Any = ExtensionPackage(name=NAME, enabled=False)  # type: ignore[no-untyped-call]
    point = ExtensionPoint(metadata={"module": __name__, "app": YDocExtension})
    point.app.host = host
    package.extension_points = {NAME: point}
    package.enabled = True
    manager.extensions[NAME] = package
    manager.link_extension(NAME)

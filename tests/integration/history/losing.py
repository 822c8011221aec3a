"""A server that loses its log, and clients that come back to it."""

import asyncio

from jupyter_live.testing import LiveClient, LiveServer


async def lose(server: LiveServer, *clients: LiveClient) -> None:
    """Stop the server, delete its database, start it."""
    await stop(server, *clients)
    server.lose_database()
    await asyncio.to_thread(server.start)


async def stop(server: LiveServer, *clients: LiveClient) -> None:
    await asyncio.to_thread(server.stop)
    for client in clients:
        await client.until(lambda client=client: client.closed)  # type: ignore[misc]


async def equal(*clients: LiveClient) -> list[str]:
    """Until all have the same and the server says that it is in the file; returns the sources."""
    await clients[0].until(lambda: all(client.sources == clients[0].sources and client.is_saved for client in clients))
    assert len({cell["id"] for cell in clients[0].cells}) == len(clients[0].cells), "no cell twice"
    return clients[0].sources

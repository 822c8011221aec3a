"""An MCP client, run with the Python of the environment that has the `mcp` package: tool calls in, answers out.

Each line of standard input is `[tool, arguments]`, each line of standard output what the tool said.
"""

import asyncio
import json
import sys
from contextlib import AsyncExitStack
from typing import Any

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client


async def main(where: dict[str, Any]) -> None:
    async with AsyncExitStack() as stack:
        if "url" in where:
            import httpx2 as httpx

            http = await stack.enter_async_context(httpx.AsyncClient(headers=where["headers"], timeout=60))
            streams = await stack.enter_async_context(streamable_http_client(where["url"], http_client=http))
        else:
            streams = await stack.enter_async_context(stdio_client(StdioServerParameters(**where)))
        session = await stack.enter_async_context(ClientSession(streams[0], streams[1]))
        await session.initialize()
        print("ready", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            tool, arguments = json.loads(line)
            result = await session.call_tool(tool, arguments)
            print(json.dumps("\n".join(part.text for part in result.content if part.type == "text")), flush=True)


asyncio.run(main(json.loads(sys.argv[1])))

"""The HTTP server around an open registry: from a free port to a signal, or to the end of the embedded PostgreSQL."""

import asyncio
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from service.config import ConfigError

if TYPE_CHECKING:
    from service.registry import Registry
    from service.store.embedded import Embedded


def free(host: str, port: int) -> None:
    """Refuse an address that can't be listened on, before anything is started."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trying:
            trying.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trying.bind(address)
    except OSError as error:
        raise ConfigError(
            f"cannot listen on {host}:{port}: {error.strerror}; choose another --host or --port"
        ) from error


async def listen(registry: "Registry", embedded: "Embedded | None", key: "tuple[Path, str] | None") -> int:
    """Serve until a signal comes or the embedded PostgreSQL goes away; answers the exit code."""
    from granian.constants import Interfaces  # noqa: PLC0415
    from granian.server.embed import Server  # noqa: PLC0415

    from service.app import create_app  # noqa: PLC0415

    chosen = registry.settings
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    task = asyncio.current_task()
    if task is not None and task.cancelling():  # by a signal that came earlier, and that a library has swallowed
        raise asyncio.CancelledError
    server = Server(
        create_app(registry), chosen.host, chosen.port, interface=Interfaces.ASGI, log_enabled=False, websockets=False
    )
    serving = asyncio.create_task(server.serve())
    waits: list[asyncio.Task[Any]] = [serving, asyncio.create_task(stop.wait())]
    died = None
    if embedded is not None:
        died = asyncio.create_task(embedded.died())
        waits.append(died)
    await answering(chosen.host, chosen.port, serving)
    host = f"[{chosen.host}]" if ":" in chosen.host else chosen.host
    click.echo(f"Mengfu is serving on http://{host}:{chosen.port}")
    if key is not None:
        path, secret = key
        click.echo(f"The administrator's key is in {path}" + (f": {secret}" if secret and sys.stdout.isatty() else ""))
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    ended = died is not None and died.done()
    if serving.done():
        serving.result()
        raise OSError("the HTTP server has ended by itself")
    if ended:
        await registry.close(gone=True)  # whoever waits for the database is told now
    server.stop()  # type: ignore[no-untyped-call]  # granian's own code is untyped
    for waiting in waits[1:]:
        waiting.cancel()
    await asyncio.wait([serving], timeout=10)
    if ended:
        click.echo("mengfu: its PostgreSQL has ended; start again, what was acknowledged is kept", err=True)
        return 1
    return 0


async def answering(host: str, port: int, serving: "asyncio.Task[Any]") -> None:
    """Wait until the server accepts connections."""
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # compared, not bound
    while not serving.done():
        try:
            _, writer = await asyncio.open_connection(target, port)
        except OSError:
            await asyncio.sleep(0.005)
        else:
            writer.close()
            return
    serving.result()

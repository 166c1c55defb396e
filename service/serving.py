"""The HTTP server around an open registry: from a free port to a signal, or to the end of the embedded PostgreSQL."""

import asyncio
import signal
import socket
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from service import output
from service.config import ConfigError

if TYPE_CHECKING:
    from granian.server.embed import Server
    from litestar.types import ASGIApp

    from service.first_start import Keys
    from service.registry import Registry
    from service.store.embedded import Embedded


CONNECTIONS = 4_096
"""Connections at a time: readers of the log stay, and the server's own limit of 128 would keep everybody else out."""
BACKLOG = 1_024
"""Connections that may wait to be taken: after a start all readers come at once."""
GRACE = 1.0
"""Seconds for answers that are made to reach their clients, when all that is left are readers who take nothing."""
LONGEST = 10.0
"""Seconds for requests under way."""


def address(host: str, port: int) -> str:
    """The IP address that a host means here; refuses one that can't be listened on, before anything is started."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        # `localhost` is both ::1 and 127.0.0.1 on many machines; every client tries the latter.
        family, kind, protocol, _, where = min(found, key=lambda one: one[0] != socket.AF_INET)
        if "%" in str(where[0]):
            raise ConfigError(f"cannot listen on {host}: an address of one link's scope; choose another --host")
        with socket.socket(family, kind, protocol) as trying:
            trying.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trying.bind(where)
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is no host's name"
        raise ConfigError(f"cannot listen on {host}:{port}: {said}; choose another --host or --port") from error
    return str(where[0])


def server_of(app: "ASGIApp", host: str, port: int) -> "Server":
    """The HTTP server of an application, not begun: in this process and its event loop."""
    from granian.constants import Interfaces  # noqa: PLC0415
    from granian.server.embed import Server  # noqa: PLC0415

    return Server(
        app,
        host,
        port,
        interface=Interfaces.ASGI,
        log_enabled=False,
        websockets=False,
        backlog=BACKLOG,
        backpressure=CONNECTIONS,
    )


async def listen(registry: "Registry", embedded: "Embedded | None", keys: "Keys | None") -> int:
    """Serve until a signal comes or the embedded PostgreSQL goes away; answers the exit code.

    0 after a signal, unless it came before anything was served: then it is that of an interrupted start.
    """
    from service.app import create_app  # noqa: PLC0415
    from service.collecting import Collector  # noqa: PLC0415
    from service.delivering import Deliverer  # noqa: PLC0415
    from service.reminding.daily import Daily  # noqa: PLC0415

    chosen = registry.settings
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    told: list[int] = []

    def heed(number: int) -> None:
        told.append(number)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, heed, number)
    task = asyncio.current_task()
    if task is not None and task.cancelling():  # by a signal that came earlier, and that a library has swallowed
        raise asyncio.CancelledError
    app = create_app(registry)
    server = server_of(app, chosen.host, chosen.port)
    serving = asyncio.create_task(server.serve())
    waits: list[asyncio.Task[Any]] = [serving, asyncio.create_task(stop.wait())]
    died = None
    if embedded is not None:
        died = asyncio.create_task(embedded.died())
        waits.append(died)
    await answering(chosen.host, chosen.port, serving)
    early = told[:1]
    own = (Daily(registry), Deliverer(registry), Collector(lambda: app.state.traffic.begun))
    if not early:
        for work in own:
            work.start()
    if not early:
        banner(chosen.host, chosen.port, keys)
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    ended = died is not None and died.done()
    if serving.done():
        serving.result()
        raise OSError("the HTTP server has ended by itself")
    for work in own:
        await work.close()
    if ended:
        await registry.close(gone=True)  # whoever waits for the database is told now
    await registry.feed.close()  # its readers would never end by themselves; they come again to the next process
    server.stop()  # type: ignore[no-untyped-call]  # granian's own code is untyped
    for waiting in waits[1:]:
        waiting.cancel()
    await last_answers(serving, lambda: app.state.traffic.under_way - registry.feed.readers)
    if ended:
        output.tell("mengfu: its PostgreSQL has ended; start again, what was acknowledged is kept", err=True)
        return 1
    if early:
        output.tell(output.STOPPED, err=True)
        return 128 + early[0]
    return 0


async def last_answers(serving: "asyncio.Task[Any]", under_way: Callable[[], int]) -> None:
    """Wait until all is answered, but not for clients that don't take their answers, and `LONGEST` at most."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while not serving.done():
        await asyncio.wait([serving], timeout=GRACE)
        if under_way() <= 0 or loop.time() - began >= LONGEST:
            return


def banner(host: str, port: int, keys: "Keys | None") -> None:
    """Say where it serves, and where the administrator's key is; a key made just now is shown on a terminal alone."""
    output.tell(f"Mengfu is serving on http://{f'[{host}]' if ':' in host else host}:{port}")
    if keys is None:
        return
    for line in keys.told:
        output.tell(line)
    if keys.path is not None:
        output.tell(
            f"The administrator's key is in {keys.path}"
            + (f": {keys.made}" if keys.made and sys.stdout.isatty() else "")
        )


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

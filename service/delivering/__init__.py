"""Webhooks sent: events to whoever asked for them, signed and tried again by the rules of Standard Webhooks.

The source is https://github.com/standard-webhooks/standard-webhooks, version 1.0.0. Each webhook follows the log by its
own position; what it wants becomes a delivery, which is sent until it is answered with 2xx, or has been tried ten times
in three days. Every process that serves takes part: a delivery is leased by one of them at a time (`store/webhooks`).
So an event arrives at least once, under an id (`webhook-id`) that stays the same; its order is told by `sequence`.
"""

import asyncio
import random
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import asyncpg
import httpcore
import structlog
from msgspec import Struct

from service.delivering.addresses import Pinned, PrivateError, address_of
from service.registry import Registry
from service.store import webhooks
from service.store.failures import LOST
from service.store.line import instant
from service.store.webhooks import Attempt, Leased, State

log = structlog.get_logger(__name__)

PAUSES = (5.0, 300.0, 1_800.0, 7_200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0)
"""Seconds between attempts: the specification's own schedule, of ten in some 76 hours."""
JITTER = 0.1
"""By how much a pause may be longer, so that what has failed together does not come again together."""
LONGEST = 86_400.0
"""The longest pause that a receiver may ask for by Retry-After."""
TIMEOUT = 20.0
"""Seconds for a request and its answer, of the 15 to 30 that the specification recommends."""
LEASE = 60.0
"""Seconds after which another process sends what this one has taken and not told about."""
EACH = 4
"""Requests to one webhook at a time."""
TOGETHER = 32
"""Requests of one process at a time."""
ANSWER = 65_536
"""Bytes of an answer's body that are read; nobody looks at them."""
POLL = 1.0
"""Seconds between two looks at what is due."""
TIDY = 3_600.0
"""Seconds after which what was settled long ago is forgotten."""
AGENT = b"mengfu-webhooks"
FAILED = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException)
"""What is wrong with a connection, and not with us."""


class Answer(Struct, frozen=True, kw_only=True):
    """What came of a request: the status of its answer, or what went wrong; when the receiver wants the next one."""

    status: int | None = None
    error: str | None = None
    after: float = 0.0

    @property
    def good(self) -> bool:
        """Whether the receiver has it."""
        return self.status is not None and 200 <= self.status < 300


def headers(leased: Leased, now: datetime) -> list[tuple[bytes, bytes]]:
    """The headers of a request, signed with each secret. The line is ASCII or UTF-8 as it is stored, and sent so."""
    from standardwebhooks import Webhook as Signer  # noqa: PLC0415 -- long to import, for registries without webhooks

    id, body = str(leased.event), leased.line.decode()
    signatures = " ".join(Signer(secret).sign(id, now, body) for secret in leased.secrets)
    return [
        (b"content-type", b"application/cloudevents+json; charset=utf-8"),
        (b"user-agent", AGENT),
        (b"webhook-id", id.encode()),
        (b"webhook-timestamp", str(int(now.timestamp())).encode()),
        (b"webhook-signature", signatures.encode()),
    ]


def pause(attempts: int) -> float | None:
    """Seconds after so many failed attempts until the next; None where there is none."""
    if attempts > len(PAUSES):
        return None
    return PAUSES[attempts - 1] * random.uniform(1, 1 + JITTER)  # noqa: S311 -- it keeps apart, and hides nothing


def asked_for(given: str | None, now: datetime) -> float:
    """Seconds that Retry-After (RFC 9110, section 10.2.3) asks for, 0 where it asks for none."""
    if given is None:
        return 0.0
    if given.isascii() and given.isdigit():
        return min(float(given[:9]), LONGEST)
    with suppress(ValueError, TypeError, OverflowError):
        when = parsedate_to_datetime(given)
        return max(0.0, min((when.replace(tzinfo=when.tzinfo or UTC) - now).total_seconds(), LONGEST))
    return 0.0


class Sender:
    """Requests to webhooks: to addresses that were looked at, following no redirect, through no proxy."""

    def __init__(self, *, private: bool) -> None:
        """`private` lets them lead into private networks."""
        import httpx  # noqa: PLC0415 -- as above

        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            max_connections=TOGETHER,
            max_keepalive_connections=TOGETHER,
            keepalive_expiry=5.0,
            network_backend=Pinned(private=private),
        )

    async def send(self, leased: Leased) -> Answer:
        """Send a delivery, once."""
        now = datetime.now(UTC)
        try:
            url = address_of(leased.url)
            target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
            host = (b"host", url.netloc)
            async with (
                asyncio.timeout(TIMEOUT),
                self._pool.stream(
                    b"POST", target, headers=[host, *headers(leased, now)], content=leased.line
                ) as answer,
            ):
                size = 0
                async for chunk in answer.aiter_stream():
                    size += len(chunk)
                    if size > ANSWER:
                        break
            given = {name.lower(): value for name, value in answer.headers}
            after = asked_for(given[b"retry-after"].decode("latin-1") if b"retry-after" in given else None, now)
            return Answer(status=answer.status, after=after)
        except TimeoutError:
            return Answer(error=f"no answer within {TIMEOUT:g} seconds")
        except (PrivateError, OSError, ValueError, *FAILED) as error:
            return Answer(error=(str(error) or type(error).__name__)[:500])
        except Exception as error:
            # Unsettled it would be sent again whenever its lease runs out, for ever.
            log.exception("a delivery failed", delivery=str(leased.id))
            return Answer(error=type(error).__name__)

    async def close(self) -> None:
        """Let the connections go."""
        await self._pool.aclose()


class Deliverer:
    """Follows the log for all webhooks and sends what is due, from `start` to `close`."""

    def __init__(self, registry: Registry) -> None:
        """Nothing is begun, and in a replay nothing ever is."""
        self._registry = registry
        self._pool = registry.pool
        self._flying: dict[asyncio.Task[None], Leased] = {}
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._sender: Sender | None = None
        self._tidied = 0.0
        self._wanted = True

    def start(self) -> None:
        """Begin."""
        if self._registry.replayed is None:
            self._tasks = [
                asyncio.create_task(self._run(), name="mengfu webhooks"),
                asyncio.create_task(self._listen(), name="mengfu webhooks' ear"),
            ]

    async def close(self) -> None:
        """Send no more. What is under way is broken off, and due again at once."""
        for task in self._tasks:
            task.cancel()
        flying = dict(self._flying)
        for task in flying:
            task.cancel()
        if waiting := [*self._tasks, *flying]:
            await asyncio.wait(waiting)
        if flying:
            with suppress(*LOST, asyncpg.PostgresError):
                async with asyncio.timeout(POLL):
                    await webhooks.release(self._pool, list(flying.values()))
        if self._sender is not None:
            await self._sender.close()

    async def _listen(self) -> None:
        """Wake up where the log moves; a registry without webhooks looks for one now and then, not with each batch."""
        seen = 0
        while True:
            seen = await self._registry.tail.beyond(seen, 60)
            if self._wanted:
                self._wake.set()

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                more = await self._turn()
            except (*LOST, asyncpg.PostgresError) as error:
                log.debug("webhooks wait for the database", error=str(error) or type(error).__name__)
                more = False
            except Exception:
                log.exception("webhooks could not be looked after")
                more = False
            if not more:
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL):
                        await self._wake.wait()

    async def _turn(self) -> bool:
        """Look on in the log, and send what is due; whether there may be more of either at once."""
        moved, self._wanted = await webhooks.queue(self._pool, self._registry.today())
        if time.monotonic() >= self._tidied:
            await webhooks.forget(self._pool)
            self._tidied = time.monotonic() + TIDY
        if not self._wanted:
            return False
        room = TOGETHER - len(self._flying)
        if room <= 0:
            return False
        flying = Counter(one.webhook for one in self._flying.values())
        leased = await webhooks.lease(self._pool, each=EACH, most=room, seconds=LEASE, flying=flying)
        for one in leased:
            task = asyncio.create_task(self._deliver(one), name="mengfu delivery")
            self._flying[task] = one
            task.add_done_callback(self._landed)
        return moved > 0

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._flying.pop(task, None)
        self._wake.set()

    async def _deliver(self, leased: Leased) -> None:
        """Send one, and note what came of it; a database that does not answer lets the lease run out."""
        began = time.monotonic()
        try:
            if self._sender is None:
                self._sender = Sender(private=self._registry.settings.webhooks_private)
            answer = await self._sender.send(leased)
            await self._settle(leased, answer, time.monotonic() - began)
        except (*LOST, asyncpg.PostgresError) as error:
            log.warning("what came of a delivery could not be noted", error=str(error) or type(error).__name__)
        except Exception:
            log.exception("a delivery failed", delivery=str(leased.id))

    async def _settle(self, leased: Leased, answer: Answer, seconds: float) -> None:
        attempt = Attempt(
            time=instant(datetime.now(UTC)), status=answer.status, error=answer.error, seconds=round(seconds, 3)
        )
        next = None if answer.status == 410 else pause(leased.attempts)
        state: State = "delivered" if answer.good else "given_up" if next is None else "waiting"
        disable = None
        if answer.status == 410:
            disable = "its receiver has answered 410 Gone"
        elif state == "given_up":
            disable = f"nothing was taken in {leased.attempts} attempts"
        ended = await webhooks.settle(
            self._pool,
            leased,
            state,
            attempt,
            pause=max(next or 0.0, answer.after),
            disable=disable,
            unless_others=answer.status != 410,
        )
        if state == "given_up":
            log.warning("a delivery was given up", webhook=str(leased.webhook), delivery=str(leased.id))
        if ended:
            log.warning("a webhook was ended", webhook=str(leased.webhook), reason=disable)

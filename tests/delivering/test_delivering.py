"""Webhooks as their receivers see them: signed, tried again, pinned to public addresses, by however many processes."""

import asyncio
import contextlib
import ipaddress
import json
import re
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog.testing
from msgspec.structs import replace

from service import delivering
from service.config import Settings
from service.delivering import Deliverer, asked_for, pause
from service.delivering.addresses import PrivateError, public, resolved
from service.registry import Registry
from service.store import credentials, webhooks
from tests.api.conftest import Client, connect
from tests.conftest import Database
from tests.delivering.receiver import Received, Receiver, receiving

PRIVATE = (
    *("127.0.0.1", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),  # noqa: S104
    *("224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::", "::1", "fe80::1"),
    *("fc00::1", "fd12::1", "fec0::1", "ff02::1", "ff0e::1", "2001:db8::1", "100::1", "::ffff:127.0.0.1"),
    *("::ffff:10.0.0.1", "::7f00:1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::"),
    *("2002:a00:1::", "2001:0:7f00:1::"),
)
PUBLIC = ("1.1.1.1", "8.8.8.8", "114.114.114.114", "2606:4700::1", "2400:3200::1", "64:ff9b::808:808")


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver that takes everything."""
    async with receiving() as made:
        yield made


@pytest.fixture
async def open_registry(database: Database) -> AsyncIterator[Registry]:
    """A registry whose webhooks may lead to this machine."""
    opened = await Registry.open(Settings(webhooks_private=True), database.service)
    try:
        yield opened
    finally:
        await opened.close()


@pytest.fixture
async def client(open_registry: Registry) -> AsyncIterator[Client]:
    """A registrar's client of it."""
    token, account = await credentials.create(open_registry.pool, "tests", ["registrar"])
    async with connect(open_registry, token) as opened:
        opened.account = account
        yield opened


@contextlib.asynccontextmanager
async def delivered_by(registry: Registry) -> AsyncIterator[None]:
    """Deliver, as long as the block lasts."""
    deliverer = Deliverer(registry)
    deliverer.start()
    try:
        yield
    finally:
        await deliverer.close()


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts follow each other without a pause."""
    monkeypatch.setattr(delivering, "PAUSES", (0.0,) * len(delivering.PAUSES))


async def hooked(client: Client, url: str, **more: Any) -> tuple[str, str]:
    """A new webhook: its path, and its secret."""
    answer = await client.post("/api/webhooks", json={"url": url, **more})
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return str(answer.headers["location"]), str(answer.json()["secret"])


async def settled(client: Client, path: str, count: int = 1) -> list[dict[str, Any]]:
    """The deliveries to a webhook, when so many are settled."""
    async with asyncio.timeout(60):
        while True:
            items: list[dict[str, Any]] = (await client.get(f"{path}/deliveries?limit=1000")).json()["items"]
            if sum(one["state"] != "waiting" for one in items) >= count:
                return items
            await asyncio.sleep(0.02)


async def come(to_pass: Callable[[], Awaitable[bool]]) -> None:
    """Wait until it has come to pass."""
    async with asyncio.timeout(60):
        while not await to_pass():  # noqa: ASYNC110 -- what a service tells is watched
            await asyncio.sleep(0.02)


# --- What is sent -----------------------------------------------------------------------------------------------------


async def test_an_event_arrives_signed(client: Client, receiver: Receiver) -> None:
    """The stored line, byte for byte, under the event's id; nothing that came before the webhook."""
    await client.party("先前的一方")
    path, secret = await hooked(client, receiver("/a/b?token=1"), label="督查室")
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", secret)
    async with delivered_by(client.registry):
        await client.party("济南市")
        (request,) = await receiver.until(1)
        (delivery,) = await settled(client, path)
    line = (await client.get("/api/events?after=1")).content.removesuffix(b"\n")
    event = request.verified(secret)
    assert request.body == line
    assert (request.path, event["id"]) == ("/a/b?token=1", request.id)
    assert request.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert (delivery["state"], delivery["event"], delivery["position"], delivery["attempts"]) == (
        "delivered",
        request.id,
        2,
        1,
    )
    assert [one["status"] for one in delivery["log"]] == [200]
    shown = (await client.get(path)).json()
    assert (shown["position"], shown["waiting"], shown["label"]) == (2, 0, "督查室")
    assert shown["delivered"] is not None
    for told in (shown, (await client.get("/api/webhooks")).json(), delivery):
        assert secret not in str(told)


async def test_only_what_was_asked_for(client: Client, receiver: Receiver) -> None:
    """By type; by party: what names it, and what a task that it answers for comes to."""
    lead, other = await client.party("市交通局"), await client.party("别局")
    await hooked(client, receiver("/types"), types=["task.reminded", "task.snoozed"])
    await hooked(client, receiver("/unit"), unit=lead)
    task = await client.new("tasks", called="某事", units=[{"role": "lead", "party": lead}])
    elsewhere = await client.new("tasks", called="别事", units=[{"role": "lead", "party": other}])
    for at in (task, elsewhere):
        told = await client.post(f"{at}:remind", json={"level": "near", "due": "2026-12-01"})
        assert told.status_code == 200, told.text
    async with delivered_by(client.registry):
        await receiver.until(5)
    got = Counter((one.path, event_type(one)) for one in receiver.received)
    assert got == {
        ("/types", "task.reminded"): 2,
        ("/unit", "task.registered"): 1,
        ("/unit", "task.unit_named"): 1,
        ("/unit", "task.reminded"): 1,
    }


async def test_a_unit_takes_in_those_under_it_and_those_it_came_after(client: Client, receiver: Receiver) -> None:
    """As deep as they stand today: what names one, and what a task comes to that one answers for."""
    city, before, other = [await client.party(name) for name in ("甲市", "原交通局", "乙市")]
    bureau, elsewhere = [
        (await client.new("parties", kind="agency", name={"printed": name}, parent=above)).rpartition("/")[2]
        for name, above in (("交通局", city), ("乙市交通局", other))
    ]
    office = (await client.new("parties", kind="agency", name={"printed": "科室"}, parent=bureau)).rpartition("/")[2]
    replaced = await client.post(f"/api/parties/{before}:replace", json={"successor": bureau})
    assert replaced.status_code == 200, replaced.text
    await hooked(client, receiver("/city"), unit=city)
    await hooked(client, receiver("/office"), unit=office)
    tasks = {}
    for name, unit in (("科室", office), ("原局", before), ("本市", city), ("别处", elsewhere)):
        task = await client.new("tasks", called=name, units=[{"role": "lead", "party": unit}])
        assert (await client.post(f"{task}:remind", json={"level": "near", "due": "2026-12-01"})).status_code == 200
        tasks[task.removeprefix("/api/")] = name
    said = await client.agreement(signatories=[{"party": office}, {"party": other}])
    await client.new("agreements", called="别的", signatories=[{"party": elsewhere}, {"party": other}])
    async with delivered_by(client.registry):
        await receiver.until(14)
        got = Counter((one.path, tasks.get(subject(one), subject(one))) for one in receiver.received)
    assert got == {
        ("/city", "科室"): 3,
        ("/city", "原局"): 3,
        ("/city", "本市"): 3,
        ("/city", said.removeprefix("/api/")): 1,
        ("/office", "科室"): 3,
        ("/office", said.removeprefix("/api/")): 1,
    }


def subject(request: Received) -> str:
    """What the event is of."""
    found: str = json.loads(request.body)["subject"]
    return found


def event_type(request: Received) -> str:
    """What kind of event it is."""
    match = re.search(rb'"type":"([a-z_.]+)"', request.body)
    assert match is not None
    return match[1].decode()


async def test_behind_a_sequence(client: Client, receiver: Receiver) -> None:
    """The log from there on, whole, in one go."""
    for number in range(5):
        await client.party(f"第{number}方")
    path, _ = await hooked(client, receiver(), after=2)
    async with delivered_by(client.registry):
        await receiver.until(3)
        items = await settled(client, path, 3)
    assert [one["position"] for one in items] == [5, 4, 3]
    page = await client.get(f"{path}/deliveries?limit=2&state=delivered")
    assert [one["position"] for one in page.json()["items"]] == [5, 4]
    (last,) = (await client.get(f"{path}/deliveries?limit=2&cursor={page.json()['next']}")).json()["items"]
    assert last["position"] == 3
    assert 'rel="next"' in page.headers["link"]


# --- What goes wrong --------------------------------------------------------------------------------------------------


async def test_tried_again_until_it_is_taken(client: Client, receiver: Receiver, at_once: None) -> None:
    """The same id each time, each signed anew; redirects are not followed."""
    statuses = iter((500, 302, 404, 429, 204))
    receiver.answer = lambda _: (next(statuses), f"location: {receiver('/elsewhere')}\r\n", 0.0)
    path, secret = await hooked(client, receiver())
    async with delivered_by(client.registry):
        await client.party("济南市")
        (delivery,) = await settled(client, path)
    assert [one["status"] for one in delivery["log"]] == [500, 302, 404, 429, 204]
    assert delivery["attempts"] == 5
    assert len({one.id for one in receiver.received}) == 1
    assert {one.path for one in receiver.received} == {"/hook"}
    for request in receiver.received:
        request.verified(secret)


async def test_given_up_and_said(client: Client, receiver: Receiver, at_once: None) -> None:
    """After ten attempts; where nothing else was taken meanwhile the webhook ends, and sends nothing until enabled."""
    receiver.answer = lambda _: (503, "", 0.0)
    path, _ = await hooked(client, receiver())
    async with delivered_by(client.registry):
        await client.party("济南市")
        with structlog.testing.capture_logs() as said:
            (delivery,) = await settled(client, path)

            async def told() -> bool:
                return len(said) >= 2

            await come(told)
        assert [(one["log_level"], one["event"]) for one in said] == [
            ("warning", "a delivery was given up"),
            ("warning", "a webhook was ended"),
        ]
        assert (delivery["state"], delivery["attempts"], len(receiver.received)) == ("given_up", 10, 10)
        shown = (await client.get(path)).json()
        assert (shown["enabled"], shown["disabled"], shown["given_up"]) == (
            False,
            "nothing was taken in 10 attempts",
            1,
        )
        ready = (await client.get("/health/ready")).json()["webhooks"]
        assert (ready["given_up"], ready["disabled"], ready["waiting"]) == (1, 1, 0)
        assert "mengfu_webhooks_given_up 1.0" in (await client.get("/metrics")).text
        refused = await client.post(f"{path}/deliveries/{delivery['id']}:replay")
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:mengfu:problem:webhook-ended")
        await client.party("聊城市")
        receiver.answer = lambda _: (200, "", 0.0)
        assert (await client.patch(path, json={"enabled": True})).json()["disabled"] is None
        await receiver.until(11)
        again = await client.post(f"{path}/deliveries/{delivery['id']}:replay")
        assert (again.status_code, again.json()["attempts"], again.json()["event"]) == (200, 0, delivery["event"])
        await receiver.until(12)
        items = await settled(client, path, 2)
    assert [one["state"] for one in items] == ["delivered", "delivered"]
    assert Counter(one.id for one in receiver.received)[delivery["event"]] == 11


async def test_all_that_failed_since_a_time_is_sent_again(
    client: Client, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was given up and what waits for its next attempt; not what was taken, nor what failed before."""
    receiver.answer = lambda request: (200 if "收下".encode() in request.body else 503, "", 0.0)
    path, _ = await hooked(client, receiver(), types=["party.registered"])

    async def tried(count: int) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []

        async def all_tried() -> bool:
            items[:] = (await client.get(f"{path}/deliveries")).json()["items"]
            return sum(bool(one["log"]) for one in items) >= count

        await come(all_tried)
        return items

    async with delivered_by(client.registry):
        await client.party("收下")
        await client.party("早先")
        early = await tried(2)
        monkeypatch.setattr(delivering, "PAUSES", ())
        await client.party("放弃")
        await tried(3)
        monkeypatch.undo()
        assert (await client.patch(path, json={"enabled": True})).status_code == 200
        await client.party("等候")
        (waits, given_up, before, _) = await tried(4)
        assert [one["state"] for one in (waits, given_up, before)] == ["waiting", "given_up", "waiting"]
        since = given_up["log"][0]["time"]
        assert early[0]["log"][0]["time"] < since
        receiver.answer = lambda _: (200, "", 0.0)
        receiver.received.clear()
        again = await client.post(f"{path}/deliveries:replay", json={"since": since})
        assert (again.status_code, again.json()) == (200, {"replayed": 2})
        await receiver.until(2)
        await settled(client, path, 3)
    assert {one.id for one in receiver.received} == {waits["event"], given_up["event"]}
    (waits, given_up, before, _) = (await client.get(f"{path}/deliveries")).json()["items"]
    assert [(one["state"], one["attempts"]) for one in (waits, given_up, before)] == [
        ("delivered", 1),
        ("delivered", 1),
        ("waiting", 1),
    ]
    assert [one["status"] for one in given_up["log"]] == [503, 200]
    nothing = await client.post(f"{path}/deliveries:replay", json={"since": since})
    assert nothing.json() == {"replayed": 0}
    for wrong in ({}, {"since": "2026-01-01"}, {"since": since, "until": since}, {"since": since, "unit": 1}):
        assert (await client.post(f"{path}/deliveries:replay", json=wrong)).status_code in {400, 422}
    await client.patch(path, json={"enabled": False})
    ended = await client.post(f"{path}/deliveries:replay", json={"since": since})
    assert (ended.status_code, ended.json()["type"]) == (409, "urn:mengfu:problem:webhook-ended")


async def test_sent_again_while_it_is_under_way(client: Client, receiver: Receiver) -> None:
    """What comes of the attempt under way does not take the new one's place, nor is that counted below nothing."""
    receiver.answer = lambda _: (503, "", 600.0)
    path, _ = await hooked(client, receiver())
    async with delivered_by(client.registry):
        await client.party("济南市")
        await receiver.until(1)
        (delivery,) = (await client.get(f"{path}/deliveries")).json()["items"]
        again = await client.post(f"{path}/deliveries/{delivery['id']}:replay")
        assert (again.status_code, again.json()["attempts"]) == (200, 0)
        await receiver.until(2)
    (delivery,) = (await client.get(f"{path}/deliveries")).json()["items"]
    assert (delivery["state"], delivery["attempts"]) == ("waiting", 0)


async def test_gone(client: Client, receiver: Receiver) -> None:
    """410 ends the webhook at once."""
    receiver.answer = lambda _: (410, "", 0.0)
    path, _ = await hooked(client, receiver())
    async with delivered_by(client.registry):
        await client.party("济南市")
        (delivery,) = await settled(client, path)
    assert (delivery["state"], delivery["attempts"]) == ("given_up", 1)
    shown = (await client.get(path)).json()
    assert (shown["enabled"], shown["disabled"]) == (False, "its receiver has answered 410 Gone")


async def test_who_does_not_answer_keeps_nobody_waiting(
    client: Client, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A receiver that takes the request and says nothing, beside one that takes what comes."""
    monkeypatch.setattr(delivering, "TIMEOUT", 1.0)
    receiver.answer = lambda request: (200, "", 600.0 if request.path == "/silent" else 0.0)
    silent, _ = await hooked(client, receiver("/silent"))
    path, _ = await hooked(client, receiver("/good"))
    async with delivered_by(client.registry):
        for number in range(20):
            await client.party(f"第{number}方")
        await settled(client, path, 20)

        async def timed_out() -> bool:
            items = (await client.get(f"{silent}/deliveries")).json()["items"]
            return any(one["log"] for one in items)

        await come(timed_out)
    items = (await client.get(f"{silent}/deliveries")).json()["items"]
    assert {one["error"] for each in items for one in each["log"]} == {"no answer within 1 seconds"}
    assert {one["state"] for one in items} == {"waiting"}


async def test_many_who_do_not_answer_leave_room_for_others(
    client: Client, receiver: Receiver, at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many as would take all requests of a process, with more waiting: one that was made after them is served."""
    monkeypatch.setattr(delivering, "TIMEOUT", 0.5)
    monkeypatch.setattr(delivering, "TOGETHER", 2 * delivering.EACH)
    receiver.answer = lambda request: (200, "", 600.0 if request.path == "/silent" else 0.0)
    silent = [(await hooked(client, receiver("/silent")))[0] for _ in range(2)]
    path, _ = await hooked(client, receiver("/good"))
    for number in range(20):
        await client.party(f"第{number}方")
    async with delivered_by(client.registry):
        await settled(client, path, 20)
        for one in silent:
            items = (await client.get(f"{one}/deliveries?limit=1000")).json()["items"]
            assert {each["state"] for each in items} == {"waiting"}
            assert max(each["attempts"] for each in items) < 10


async def test_an_answer_that_nobody_foresaw_is_a_failed_attempt(
    client: Client, receiver: Receiver, at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is noted, and ends as any other does: nothing is sent for ever."""

    def asked_for(given: str | None, now: datetime) -> float:
        raise RuntimeError(given)

    monkeypatch.setattr(delivering, "asked_for", asked_for)
    path, _ = await hooked(client, receiver())
    async with delivered_by(client.registry):
        await client.party("济南市")
        (delivery,) = await settled(client, path)
    assert (delivery["state"], delivery["attempts"]) == ("given_up", 10)
    assert {one["error"] for one in delivery["log"]} == {"RuntimeError"}


async def test_nobody_listens(client: Client, receiver: Receiver, at_once: None) -> None:
    """A refused connection is a failure like any other."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        path, _ = await hooked(client, f"http://127.0.0.1:{taken.getsockname()[1]}/")
        async with delivered_by(client.registry):
            await client.party("济南市")
            (delivery,) = await settled(client, path)
    assert delivery["state"] == "given_up"
    assert all(one["status"] is None and one["error"] for one in delivery["log"])


def test_the_schedule() -> None:
    """Ten attempts in some 76 hours, never sooner than the specification's own, a tenth later at most."""
    assert sum(delivering.PAUSES) == 75 * 3600 + 35 * 60 + 5
    for attempts, least in enumerate(delivering.PAUSES, 1):
        drawn = [pause(attempts) or 0.0 for _ in range(50)]
        assert least <= min(drawn) <= max(drawn) <= least * 1.1
        assert len(set(drawn)) > 1
    assert pause(10) is None


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        (None, 0.0),
        ("120", 120.0),
        ("999999999999", 86_400.0),
        ("Fri, 20 Nov 2026 00:01:00 GMT", 60.0),
        ("Thu, 19 Nov 2026 00:00:00 GMT", 0.0),
        ("Fri, 20 Nov 2026 00:01:00 +99999999999999999999", 0.0),
        ("soon", 0.0),
        ("-5", 0.0),
    ],
)
def test_what_a_receiver_asks_for(given: str | None, seconds: float) -> None:
    assert asked_for(given, datetime(2026, 11, 20, tzinfo=UTC)) == seconds


# --- Where it may lead ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", PRIVATE)
def test_addresses_that_are_not_public(text: str) -> None:
    assert not public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_addresses_that_are(text: str) -> None:
    assert public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/",
        "http://localhost/",
        "https://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://user:word@example.com/",
        "https://example.com/#part",
        "http:///nowhere",
        "ftp://example.com/",
        "http://example.com:99999/",
        "http://example.com:0/",
        "http://exam ple.com/",
    ],
)
async def test_refused_when_it_is_made(client: Client, url: str) -> None:
    """What leads nowhere, or to where it must not; told in both languages, and nothing is made."""
    settings = client.registry.settings
    client.registry.settings = replace(settings, webhooks_private=False)
    for language in ("en", "zh"):
        answer = await client.post("/api/webhooks", json={"url": url}, headers={"accept-language": language})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/url")
        assert bool(re.search("[不应须]", answer.json()["errors"][0]["detail"])) == (language == "zh")
    assert (await client.get("/api/webhooks")).json()["items"] == []


async def test_refused_when_it_is_sent_to(client: Client, receiver: Receiver, at_once: None) -> None:
    """A webhook that was made when private addresses were allowed, or whose name leads elsewhere by now."""
    path, _ = await hooked(client, f"http://localhost:{receiver.port}/")
    client.registry.settings = replace(client.registry.settings, webhooks_private=False)
    async with delivered_by(client.registry):
        await client.party("济南市")
        (delivery,) = await settled(client, path)
    assert delivery["state"] == "given_up"
    assert all("which is no public address" in one["error"] for one in delivery["log"])
    assert receiver.received == []


async def test_the_connection_goes_to_the_address_that_was_looked_at(
    client: Client, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, at_once: None
) -> None:
    """A name that is public when it is looked at and private a moment later: it is asked for once a connection."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def rebinding(host: Any, port: Any, *order: Any, **options: Any) -> Any:
        if host != "rebinding.example":
            return real(host, port, *order, **options)
        asked.append(host)
        # 203.0.113.0/24 is for documentation, and taken for public here: nobody is at it.
        address = "203.0.113.7" if len(asked) % 2 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr("service.delivering.addresses.public", lambda one: str(one) == "203.0.113.7")
    monkeypatch.setattr(delivering, "TIMEOUT", 0.5)
    path, _ = await hooked(client, f"http://rebinding.example:{receiver.port}/")
    asked.clear()
    client.registry.settings = replace(client.registry.settings, webhooks_private=False)
    async with delivered_by(client.registry):
        await client.party("济南市")
        (delivery,) = await settled(client, path)
    assert len(asked) == len(delivery["log"]) == 10
    assert sum("no public address" in one["error"] for one in delivery["log"]) == 5
    assert receiver.received == []


async def test_one_private_address_of_several_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    def both(host: str, port: int, **options: Any) -> Any:
        return [(2, 1, 6, "", ("8.8.8.8", port)), (2, 1, 6, "", ("10.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    with pytest.raises(PrivateError, match=r"10\.0\.0\.1"):
        await resolved("example.com", 443, private=False)
    assert await resolved("example.com", 443, private=True) == ["8.8.8.8", "10.0.0.1"]


# --- Managing ---------------------------------------------------------------------------------------------------------


async def test_secrets_are_rotated_with_an_overlap(client: Client, receiver: Receiver) -> None:
    """Both sign for a while; then the new one alone."""
    path, first = await hooked(client, receiver())
    turned = await client.post(f"{path}:rotate", json={"overlap": 600})
    second = turned.json()["secret"]
    assert turned.json()["webhook"]["former_until"] is not None
    async with delivered_by(client.registry):
        await client.party("济南市")
        (request,) = await receiver.until(1)
        for secret in (first, second):
            request.verified(secret)
        third = (await client.post(f"{path}:rotate", json={"overlap": 0})).json()["secret"]
        await client.party("聊城市")
        request = (await receiver.until(2))[1]
    request.verified(third)
    for secret in (first, second):
        with pytest.raises(Exception, match="No matching signature"):
            request.verified(secret)


async def test_changed_ended_and_unknown(client: Client, receiver: Receiver) -> None:
    """What is off waits; what has ended is gone with its deliveries; what is wrong is told by its place."""
    path, _ = await hooked(client, receiver())
    async with delivered_by(client.registry):
        off = (await client.patch(path, json={"enabled": False, "label": "停"})).json()
        assert (off["enabled"], off["disabled"], off["label"]) == (False, None, "停")
        await client.party("济南市")
        await client.party("聊城市")
        on = await client.patch(path, json={"enabled": True, "after": 1, "url": receiver("/other")})
        assert (on.status_code, on.json()["position"] >= 1) == (200, True)
        (request,) = await receiver.until(1)
        assert (request.path, b"\xe8\x81\x8a\xe5\x9f\x8e" in request.body) == ("/other", True)
    for body, pointer in (
        ({}, ""),
        ({"types": ["task.reminded", "task.unheard_of"]}, "/types/1"),
        ({"unit": "00000000-0000-0000-0000-000000000001"}, "/unit"),
        ({"after": 99}, "/after"),
        ({"secret": "x"}, "/secret"),
    ):
        wrong = await client.patch(path, json=body)
        assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, pointer), body
    assert (await client.delete(path)).status_code == 204
    assert await client.registry.fetch("select * from deliveries") == []
    nothing = "00000000-0000-0000-0000-000000000000"
    for answer in (
        await client.get(path),
        await client.delete(path),
        await client.patch(path, json={"label": "x"}),
        await client.post(f"{path}:rotate"),
        await client.get(f"{path}/deliveries"),
        await client.post(f"{path}/deliveries/{nothing}:replay"),
    ):
        assert answer.status_code == 404
    other, _ = await hooked(client, receiver())
    assert (await client.post(f"{other}/deliveries/{nothing}:replay")).status_code == 404


async def test_a_dry_run_leaves_all_as_it_is(client: Client, receiver: Receiver) -> None:
    """It tells what would be, refuses what would be refused, and shows no secret."""
    path, _ = await hooked(client, receiver(), label="甲")
    await client.party("济南市")
    async with delivered_by(client.registry):
        [delivery] = await settled(client, path)
    one = f"{path}/deliveries/{delivery['id']}"
    await client.registry.fetch("update deliveries set state = 'given_up'")

    async def stored() -> list[Any]:
        """All that there is."""
        tables = ("webhooks", "deliveries")
        return [tuple(row) for table in tables for row in await client.registry.fetch(f"table {table}")]

    before, unknown = await stored(), "00000000-0000-0000-0000-000000000000"
    new = {"url": receiver(), "types": ["party.registered"], "label": "乙"}
    told = await client.post("/api/webhooks?dry_run=true", json=new)
    assert (told.status_code, told.headers["cache-control"]) == (200, "no-store"), told.text
    head = await client.registry.head()
    assert told.json() == new | {"dry_run": True, "url": told.json()["url"], "unit": None, "position": head}
    assert "location" not in told.headers
    changed = await client.patch(f"{path}?dry_run=true", json={"label": "丙", "enabled": False})
    assert (changed.json()["webhook"]["label"], changed.json()["webhook"]["enabled"]) == ("丙", False)
    rotated = await client.post(f"{path}:rotate?dry_run=true")
    assert (rotated.json()["webhook"]["former_until"] is not None, "whsec_" in rotated.text) == (True, False)
    again = await client.post(f"{one}:replay?dry_run=true")
    assert (again.json()["delivery"]["state"], again.json()["delivery"]["id"]) == ("waiting", delivery["id"])
    several = await client.post(f"{path}/deliveries:replay?dry_run=true", json={"since": "2020-01-01T00:00:00Z"})
    assert several.json() == {"dry_run": True, "replayed": 1}
    assert (await client.delete(f"{path}?dry_run=true")).status_code == 204
    assert await stored() == before

    for answer, status in (
        (await client.post("/api/webhooks?dry_run=true", json=new | {"types": ["none"]}), 422),
        (await client.post("/api/webhooks?dry_run=perhaps", json=new), 422),
        (await client.post("/api/webhooks?on_conflict=propose", json=new), 422),
        (await client.patch(f"{path}?dry_run=true", json={}), 422),
        (await client.post(f"{path}/deliveries/{unknown}:replay?dry_run=true"), 404),
        (await client.delete(f"/api/webhooks/{unknown}?dry_run=true"), 404),
    ):
        assert answer.status_code == status, answer.text
    described = (await client.get("/schema/openapi.json")).json()["paths"]["/api/webhooks"]["post"]
    assert "dry_run" in {parameter["name"] for parameter in described["parameters"]}
    assert {"200", "201"} <= described["responses"].keys()


async def test_who_may(client: Client, receiver: Receiver) -> None:
    """Registrars; their addresses are nobody else's business."""
    path, _ = await hooked(client, receiver())
    token, _ = await credentials.create(client.registry.pool, "a reader", ["reader"])
    async with connect(client.registry, token) as reader, connect(client.registry, None) as stranger:
        for who, status in ((reader, 403), (stranger, 401)):
            for answer in (
                await who.get("/api/webhooks"),
                await who.get(f"{path}/deliveries"),
                await who.post("/api/webhooks", json={"url": receiver()}),
                await who.delete(path),
            ):
                assert answer.status_code == status


async def test_there_are_not_too_many(client: Client, monkeypatch: pytest.MonkeyPatch, receiver: Receiver) -> None:
    monkeypatch.setattr(webhooks, "MOST", 1)
    await hooked(client, receiver())
    refused = await client.post("/api/webhooks", json={"url": receiver()})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:mengfu:problem:too-many-webhooks")


# --- Several processes ------------------------------------------------------------------------------------------------


async def process(database: Database, lease: float) -> asyncio.subprocess.Process:
    """A process that delivers."""
    words = ("-m", "tests.delivering.process", database.service, str(lease))
    pipe = asyncio.subprocess.PIPE
    started = await asyncio.create_subprocess_exec(sys.executable, *words, stdin=pipe, stdout=pipe)
    assert started.stdout is not None
    assert await started.stdout.readline() == b"open\n"
    return started


async def end(started: asyncio.subprocess.Process) -> None:
    """Have it end."""
    assert started.stdin is not None
    started.stdin.close()
    assert await asyncio.wait_for(started.wait(), 60) == 0


async def test_two_processes_send_each_once(client: Client, receiver: Receiver, database: Database) -> None:
    """Each event of two webhooks goes out once, whoever takes it."""
    paths = [(await hooked(client, receiver(f"/{number}")))[0] for number in range(2)]
    both = [await process(database, 60.0) for _ in range(2)]
    receiver.answer = lambda _: (200, "", 0.005)
    for number in range(60):
        await client.party(f"第{number}方")
    await receiver.until(120)
    for path in paths:
        items = await settled(client, path, 60)
        assert sorted(one["position"] for one in items) == list(range(1, 61))
        assert {one["attempts"] for one in items} == {1}
    for one in both:
        await end(one)
    assert set(Counter((one.path, one.id) for one in receiver.received).values()) == {1}


async def test_killed_in_the_middle(client: Client, receiver: Receiver, database: Database) -> None:
    """What a killed process had taken is sent when its lease has run out, under the same ids; nothing is lost."""
    path, _ = await hooked(client, receiver())
    held = asyncio.Event()
    receiver.answer = lambda _: (200, "", 0.0) if held.is_set() else (200, "", 600.0)
    for number in range(12):
        await client.party(f"第{number}方")
    victim = await process(database, 2.0)
    taken = {one.id for one in await receiver.until(4)}
    victim.kill()
    await victim.wait()
    held.set()
    other = await process(database, 2.0)
    items = await settled(client, path, 12)
    await end(other)
    assert {one["state"] for one in items} == {"delivered"}
    assert {one["event"] for one in items if one["attempts"] == 2} == taken
    assert {one["event"] for one in items} == {one.id for one in receiver.received}


async def test_ended_in_the_middle(client: Client, receiver: Receiver) -> None:
    """What was under way when a process was ended in good order is due at once, and no attempt was counted."""
    path, _ = await hooked(client, receiver())
    receiver.answer = lambda _: (200, "", 600.0)
    async with delivered_by(client.registry):
        await client.party("济南市")
        await receiver.until(1)
    receiver.answer = lambda _: (200, "", 0.0)
    async with delivered_by(client.registry):
        (delivery,) = await settled(client, path)
    assert (delivery["state"], delivery["attempts"], len(receiver.received)) == ("delivered", 1, 2)


async def test_a_replay_sends_nothing(client: Client, receiver: Receiver) -> None:
    await hooked(client, receiver())
    await client.party("济南市")
    client.registry.replayed = 1
    async with delivered_by(client.registry):
        await asyncio.sleep(0.2)
    assert receiver.received == []


async def test_what_was_settled_long_ago_is_forgotten(client: Client, receiver: Receiver) -> None:
    path, _ = await hooked(client, receiver())
    async with delivered_by(client.registry):
        await client.party("济南市")
        await settled(client, path)
    await client.registry.pool.execute("update deliveries set settled = now() - interval '31 days'")
    async with delivered_by(client.registry):

        async def forgotten() -> bool:
            return not (await client.get(f"{path}/deliveries")).json()["items"]

        await come(forgotten)

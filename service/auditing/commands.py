"""The commands `mengfu audit`, `prove` and `check-proof`."""

import asyncio
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import rich_click as click

from service import output
from service.config import ConfigError
from service.running import HOME, complain, readable, run, settings

if TYPE_CHECKING:
    from service.tlog.note import Key


class KeyType(click.ParamType["Key"]):
    """A log's public key."""

    name = "NAME+ID+KEY"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> "Key":
        """The key, or that of the file of this name."""
        from service.tlog.note import NoteError, key  # noqa: PLC0415

        text = str(value)
        try:
            return key(Path(text).read_text("utf-8") if "+" not in text and Path(text).is_file() else text)
        except (NoteError, OSError, UnicodeError) as error:
            self.fail(str(error), param, ctx)


KEYS = click.option(
    "--key",
    "keys",
    multiple=True,
    type=KeyType(),
    help="The log's public key, as `mengfu keys signing show` prints it, or a file that holds it; may be given again.",
)
API_KEY = click.option("--key-file", help="File of an API key that may read, where URL asks for one (MENGFU_KEY_FILE).")


@click.command()
@click.argument("url")
@KEYS
@click.option("--state", type=click.Path(dir_okay=False, path_type=Path), help="File that remembers what was seen.")
@click.option("--all", "again", is_flag=True, help="Look at all lines again, not only at those that are new.")
@click.option("--every", type=click.IntRange(1), metavar="SECONDS", help="Go on, and look again so often.")
@API_KEY
@HOME
def audit(
    url: str,
    keys: "tuple[Key, ...]",
    state: Path | None,
    again: bool,
    every: int | None,
    key_file: str | None,
    home: str | None,
) -> None:
    """Check that the registry at URL only goes on from what was seen of it the last time.

    The signature of its checkpoint, that its log begins with the one seen, and every new line. What was seen is kept in
    the home, below `audits`. The first time needs --key. Ends with 1 where something is wrong, and says what; with 2
    where the registry cannot be asked.
    """

    async def work() -> int:
        from service.auditing.audits import BrokenError, look  # noqa: PLC0415
        from service.auditing.source import source  # noqa: PLC0415
        from service.auditing.state import State  # noqa: PLC0415
        from service.carrying.remote import SourceError, key_in  # noqa: PLC0415

        chosen = settings(home=home, key_file=key_file)
        named = re.sub(r"[^0-9A-Za-z.-]+", "_", url.partition("://")[2].strip("/"))
        kept = State(state or Path(chosen.home) / "audits" / f"{named}.json")
        if kept.load() is None and not keys:
            raise ConfigError("an audit begins with the log's public key: give it as --key, from whom you trust for it")
        async with source(url, key_in(chosen.key_file)) as asked:
            while True:
                try:
                    with output.progress("checking", None) as advance:
                        done = await look(asked, kept, keys, advance, again=again)
                except BrokenError as error:
                    complain(f"wrong: {error}")
                    return 1
                except SourceError as error:
                    complain(error)
                    if every is None:
                        return 2
                else:
                    now = done.now
                    what = (
                        f"lines {done.first:,} to {now.size:,}, all as signed"
                        if done.first <= now.size
                        else "nothing new"
                    )
                    output.tell(f"{now.origin}: {what}; root {now.root.hex()}")
                if every is None:
                    return 0
                await asyncio.sleep(every)

    run(work())


@click.command()
@click.argument("sequence", type=click.IntRange(1))
@click.option("--url", help="Ask the registry at this address, in place of that of the home.")
@API_KEY
@HOME
def prove(sequence: int, url: str | None, key_file: str | None, home: str | None) -> None:
    """Print the line SEQUENCE with the proof that it is in the log, and the log's checkpoint.

    Whoever knows the log's key checks it by `mengfu check-proof`, without any registry.
    """

    async def work() -> int:
        from service.auditing.source import source  # noqa: PLC0415
        from service.bundling import bundle  # noqa: PLC0415
        from service.carrying.remote import SourceError, key_in  # noqa: PLC0415
        from service.signing import reached  # noqa: PLC0415

        chosen = settings(home=home, key_file=key_file)
        if url is not None:
            try:
                async with source(url, key_in(chosen.key_file)) as asked:
                    told = await asked.bundle(sequence)
            except SourceError as error:
                complain(error)
                return 1
        else:
            async with readable(home) as reader:
                lines = [one async for some in reader.lines(after=sequence - 1, until=sequence) for one in some]
                if not lines:
                    raise ConfigError(f"the log ends at {await reader.head()}")
                told = msgspec.json.encode(await bundle(reader, await reached(chosen, reader.pool), lines))
        click.echo(msgspec.json.format(told).decode())
        return 0

    run(work())


@click.command("check-proof")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@KEYS
def check_proof(file: str, keys: "tuple[Key, ...]") -> None:
    """Check the lines in FILE, which `prove` or a bundle's address gave: are they in the log that was signed?

    Needs no registry and no network, but --key: the log's public key, from whom you trust for it.
    """

    async def work() -> int:
        from service.store.line import UNREADABLE, outer  # noqa: PLC0415
        from service.tlog import bundle  # noqa: PLC0415
        from service.tlog.note import NoteError  # noqa: PLC0415
        from service.tlog.proofs import ProofError  # noqa: PLC0415

        if not keys:
            raise ConfigError("a proof leads to a signature: give the log's public key as --key")
        body = await asyncio.to_thread(sys.stdin.buffer.read if file == "-" else Path(file).read_bytes)
        try:
            told = bundle.DECODE(body)
            of = bundle.check(told, keys)
        except (msgspec.MsgspecError, NoteError, ProofError, UnicodeError, RecursionError) as error:
            complain(f"wrong: {error}")
            return 1
        versions: dict[str, int] = {}
        for one in told.facts:
            try:
                said = outer(one.line.encode())
            except UNREADABLE as error:
                complain(f"wrong: line {one.sequence} is in the log, and is none that this program reads: {error}")
                return 1
            stood = versions.setdefault(said.subject, said.streamversion - 1)
            if said.streamversion != stood + 1:
                complain(f"wrong: of {said.subject} version {stood + 1} is missing, before line {one.sequence:,}")
                return 1
            versions[said.subject] = said.streamversion
            output.tell(
                f"line {one.sequence:,}: {said.type} of {said.subject}, version {said.streamversion}, {said.time}"
            )
        lines = f"{len(told.facts):,} line{'' if len(told.facts) == 1 else 's'}"
        output.tell(f"{lines} in the log of {of.size:,} lines that {of.origin} has signed; root {of.root.hex()}")
        return 0

    run(work())

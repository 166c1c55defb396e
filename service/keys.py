"""The command `mengfu keys`: API keys, and the key that signs the log's checkpoints."""

import sys

import rich_click as click

from service import output
from service.config import ConfigError
from service.running import HOME, complain, opened, recording, run


@click.group()
def keys() -> None:
    """Make, list and revoke API keys."""


@keys.command("create")
@click.option("--label", required=True, help="Whose key it is, or what for.")
@click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice(["reader", "registrar", "administrator"])
)
@HOME
def create(label: str, roles: tuple[str, ...], home: str | None) -> None:
    """Make a key and print it: it is shown once."""

    async def work() -> int:
        from service.first_start import FIRST  # noqa: PLC0415
        from service.store import credentials  # noqa: PLC0415

        if label.strip() == FIRST:
            raise ConfigError(f"the label {FIRST!r} is that of the key that `mengfu up` makes: choose another")
        async with opened(home) as registry:
            try:
                token, account = await credentials.create(registry.pool, label, roles)
            except ValueError as error:
                raise ConfigError(str(error)) from error
            try:
                click.echo(token)
            except OSError as error:
                output.give_up(sys.stdout)
                await credentials.revoke(registry.pool, token.split("_")[1])
                complain(f"the key could not be written ({error.strerror}), so it was revoked; make another")
                return 1
        output.tell(f"account {account}", err=True)
        return 0

    run(work())


@keys.command("list")
@HOME
def list_keys(home: str | None) -> None:
    """List the keys, without their secrets."""

    async def work() -> int:
        from service.store import credentials  # noqa: PLC0415

        async with opened(home) as registry:
            for key in await credentials.listed(registry.pool):
                state = f"revoked {key.revoked:%Y-%m-%d}" if key.revoked else "valid"
                created = f"{key.created:%Y-%m-%d}"
                click.echo(f"{key.prefix}  {','.join(key.roles)}  {created}  {state}  {key.account}  {key.label}")
        return 0

    run(work())


@keys.command("revoke")
@click.argument("prefix")
@HOME
def revoke(prefix: str, home: str | None) -> None:
    """Revoke the key with that PREFIX (the middle part of the key)."""

    async def work() -> int:
        from service.store import credentials  # noqa: PLC0415

        async with opened(home) as registry:
            if not await credentials.revoke(registry.pool, prefix):
                complain(f"no valid key has the prefix {prefix}")
                return 1
        return 0

    run(work())


# --- The key that signs -----------------------------------------------------------------------------------------------


@keys.group("signing")
def signing() -> None:
    """Make, show and rotate the key that signs the log's checkpoints."""


@signing.command("create")
@HOME
def create_signing(home: str | None) -> None:
    """Make the key of a registry that has none: `up` does so by itself, `serve` needs one.

    It is written to MENGFU_SIGNING_KEY, else to signing.pem in the home. Its public half is printed.
    """

    async def work() -> int:
        from service.signing import of  # noqa: PLC0415

        async with recording(home) as registry:
            key = await of(registry.settings, registry.pool, registry.name).create()
        click.echo(key)
        return 0

    run(work())


@signing.command("show")
@HOME
def show_signing(home: str | None) -> None:
    """Print the public keys that checkpoints are and were signed by, the one of now last.

    A stranger checks the log by one of them: hand it on in a way that nobody can change on the way.
    """

    async def work() -> int:
        from service.signing import known  # noqa: PLC0415

        async with opened(home) as registry:
            found = await known(registry.pool)
            for one in found:
                click.echo(one.key)
                how = "named by the key before it" if one.endorsement else "named by no key before it"
                output.tell(f"  since line {one.position:,}, {one.made:%Y-%m-%d}, {how}", err=True)
            if not found:
                complain("this registry has no signing key yet: `mengfu up` makes one, or `mengfu keys signing create`")
                return 1
        return 0

    run(work())


@signing.command("rotate")
@HOME
def rotate_signing(home: str | None) -> None:
    """Replace the key by a new one, which the old one names as its successor. The new public half is printed.

    What the old key signed stays good, and `mengfu audit` finds the new one by it. Services go on with the new key by
    themselves where they read the same file; elsewhere it has to be brought to them.
    """

    async def work() -> int:
        from service.signing import of  # noqa: PLC0415

        async with recording(home) as registry:
            key = await of(registry.settings, registry.pool, registry.name).rotate()
        click.echo(key)
        return 0

    run(work())


COMMANDS = (keys,)
"""What the command `mengfu` has from here."""

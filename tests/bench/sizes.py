"""What an API function weighs on Lambda: its bundle, and the runtime lock installed for Lambda without the SDK.

The runtime brings the SDK. The layer is built once for every lock file, in `build/bench-layer`.
"""

import re
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK, LAYER = ROOT / "locks" / "runtime.txt", ROOT / "build" / "bench-layer"
SDK = {"boto3", "botocore", "s3transfer", "jmespath", "python-dateutil", "six", "urllib3"}
PINNED = re.compile(r"^([A-Za-z0-9_.-]+)==.*?(?=^\S|\Z)", re.MULTILINE | re.DOTALL)
FOR_LAMBDA = ["--platform", "manylinux2014_aarch64", "--platform", "manylinux_2_17_aarch64", "--platform", "any"]
FOR_LAMBDA += ["--implementation", "cp", "--python-version", "3.14", "--only-binary=:all:", "--no-deps"]


class NotMeasured(Exception):
    """The wheels cannot be had; the sentence says why."""


def megabytes(folder: Path) -> float:
    """The unpacked size of a folder, without bytecode and tests."""
    skipped = {"__pycache__", "tests"}
    files = (p for p in folder.rglob("*") if p.is_file() and not skipped & {*p.relative_to(folder).parts[:-1]})
    return sum(p.stat().st_size for p in files) / 1e6


def layer() -> Path:
    """The folder of the runtime layer, installed where it is not there yet; raises NotMeasured."""
    wanted = "".join(block[0] for block in PINNED.finditer(LOCK.read_text("utf-8")) if block[1] not in SDK)
    stamp = LAYER / ".lock"
    if stamp.is_file() and stamp.read_text() == sha256(wanted.encode()).hexdigest():
        return LAYER
    shutil.rmtree(LAYER, ignore_errors=True)
    LAYER.mkdir(parents=True)
    listed = LAYER.with_suffix(".txt")
    listed.write_text(wanted, "utf-8")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    asked = [*pip, *FOR_LAMBDA, "--target", str(LAYER), "-r", str(listed)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        shutil.rmtree(LAYER)
        raise NotMeasured(f"not measured: {done.stderr.strip().splitlines()[-1]}")
    stamp.write_text(sha256(wanted.encode()).hexdigest())
    return LAYER

"""What an API function weighs on Lambda: its bundle and the layers that it has, as `make layers` builds them.

boto3 and what it needs are not counted: they are what any function would have.
"""

from pathlib import Path

from infra import libraries

SDK = frozenset({"boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six.py", "urllib3"})


def megabytes(folder: Path, without: frozenset[str] = frozenset()) -> float:
    """The unpacked size of a folder, without bytecode and what is named."""
    skipped = {"__pycache__", *without}
    files = (p for p in folder.rglob("*") if p.is_file() and not skipped & {*p.relative_to(folder).parts})
    return sum(p.stat().st_size for p in files) / 1e6


def layers(module: str) -> float:
    """The megabytes of a function's layers; libraries.NotBuilt where there are none."""
    folder = libraries.built(libraries.AWS)
    return sum(megabytes(folder / name / "python", SDK) for name in libraries.needed(module))

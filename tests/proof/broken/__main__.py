"""`python -m tests.proof.broken [NAME …]`: plants each fault and says by what it is convicted, a line of JSON each.

Every variant has a process of its own, made before anything of the hub is imported.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
from typing import Any

import aws_cdk  # noqa: F401  what takes long to import, once for all
import moto.dynamodb.models
import moto.sns.models
import moto.sqs.models  # noqa: F401

from tests.proof.broken import Broken, Planted
from tests.proof.broken.variants import VARIANTS

WORKERS = 2
CASES = 120  # of each story that it should show in


def convict(broken: Broken) -> dict[str, Any]:
    """What convicts a variant: the invariant, what was seen, and the calmest case in which it shows."""
    Planted(broken).install()
    from tests.proof.cases import STORIES, explore, smallest
    from tests.proof.invariants import violated
    from tests.proof.world import world

    told: dict[str, Any] = {"name": broken.name, "says": broken.says, "by": None, "cases": 0}
    with world() as hub:
        for story in broken.stories:
            for case, seen in explore(hub, STORIES[story], CASES):
                told["cases"] += 1
                if by := violated(seen):
                    name, said = next(iter(by.items()))
                    return {**told, "by": name, "said": said, "case": str(smallest(hub, case, name))}
    return told


def main(names: list[str]) -> None:
    """Convicts all of them, or those that are named."""
    chosen = [broken for broken in VARIANTS if not names or broken.name in names]
    with multiprocessing.get_context("fork").Pool(WORKERS, maxtasksperchild=1) as pool:
        for told in pool.imap(convict, chosen, chunksize=1):
            print(json.dumps(told), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])

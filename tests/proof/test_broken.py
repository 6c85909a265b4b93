"""The instrument has teeth: every fault that is planted in the hub is convicted, in stories where it should show.

Every third of them with every run of the tests, each of them with `--whole` and by `make prove`.
"""

import json
import sys
from subprocess import run

import pytest

from tests.proof.broken import FUNCTIONS, Broken, DoesNotFit, Plant
from tests.proof.broken.variants import SHOWN, VARIANTS
from tests.proof.test_proof import ROOT

# What takes long to import comes before the fork. `make prove` explores the stories of each, whatever showed it before.
PROGRAM = """
import json, sys
from dataclasses import asdict
import aws_cdk.aws_dynamodb, aws_lambda_powertools.event_handler, joserfc.jwt, time_machine
import moto.dynamodb.models, moto.events.models, moto.s3.models, moto.sns.models, moto.sqs.models
from tests.proof.broken.variants import VARIANTS
from tests.proof.run import reminders
for verdict in reminders(VARIANTS[:: int(sys.argv[1])]):
    print(json.dumps(asdict(verdict)))
"""


def test_every_planted_fault_is_convicted(request: pytest.FixtureRequest) -> None:
    one_in = 1 if request.config.getoption("--whole") else 3
    said = [sys.executable, "-c", PROGRAM, str(one_in)]
    ran = run(said, capture_output=True, text=True, check=True, cwd=ROOT)  # noqa: S603
    told = {
        each["name"]: each for each in map(json.loads, filter(lambda s: s.startswith("{"), ran.stdout.splitlines()))
    }
    assert told.keys() == {broken.name for broken in VARIANTS[::one_in]}
    assert [name for name, each in told.items() if not each["by"]] == []
    assert len(told) >= 30 // one_in


def test_variants_are_many_and_each_has_a_name_of_its_own() -> None:
    assert len({broken.name for broken in VARIANTS}) == len(VARIANTS)


def test_what_shows_a_variant_is_a_case_of_its_own_stories() -> None:
    assert SHOWN.keys() == {broken.name for broken in VARIANTS}
    assert [broken.name for broken in VARIANTS if SHOWN[broken.name].partition("/")[0] not in broken.stories] == []


@pytest.mark.parametrize("broken", VARIANTS, ids=lambda broken: broken.name)
def test_a_planted_fault_fits_the_source(broken: Broken) -> None:
    for plant in broken.plants:
        assert plant.new in broken.source(FUNCTIONS / plant.file)


def test_a_fault_that_no_longer_fits_is_said() -> None:
    broken = Broken("old", "it was mended", (Plant("order/store.py", "no such line", ""),), ())
    with pytest.raises(DoesNotFit, match="no such line"):
        broken.source(FUNCTIONS / "order/store.py")

"""`omnihub redrive`: what failed is shown, sent again in order, and never lost or done twice, wherever it is killed."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from botocore.client import BaseClient
from typer.testing import CliRunner, Result

from cli.hub import load
from cli.main import app
from functions.shared import rows
from functions.shared.settings import settings
from local.hub import Hub
from tests.cli.conftest import omnihub
from tests.cli.failures import (
    CARTS,
    ORDERS,
    STACY,
    THROTTLED,
    Killed,
    direct_unpublished,
    function,
    killed,
    published,
    reappear,
    stacy,
    subscribed,
    unconfirmed,
    unheard,
    unpublished,
    waiting,
)
from tests.http.faults import failing
from tests.journeys.listener import Listener, listening

TIMELINE = f"/tmf-api/partyInteraction/v4/partyInteraction?relatedParty.id={STACY}&limit=100"


@pytest.fixture
def hub(out: Path, tmp_path: Path) -> Iterator[Hub]:
    """A hub of this folder in which every retry is over in a moment."""
    with chdir(tmp_path), Hub.start(out, state=tmp_path / ".omnihub", haste=0.00002) as running:
        load(running)
        running.settle()
        yield running


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as made:
        yield made


def redrive(*words: str) -> Result:
    return CliRunner().invoke(app, ["redrive", *words])


def assert_all_followed(hub: Hub, id_: str) -> None:
    """The order is fulfilled, its customer was told of each stage once, and their timeline has each step once."""
    assert stacy(hub).get(f"{ORDERS}/{id_}").body["state"] == "completed"
    number, about = id_[:8].upper(), f"&interactionItem.item.id={id_}"
    assert (
        Counter(text for _, text in hub.messages)[
            f"Nova: thank you, we have your order of Nova M. "
            f"You pay €19.99 once, €29.99 a month. Its number is {number}."
        ]
        == 1
    )
    assert Counter(each["description"] for each in stacy(hub).get(TIMELINE + about).body) == {
        f"Placed order {number}: Nova M.": 1,
        f"Order {number} is being fulfilled.": 1,
        f"Order {number} is fulfilled.": 1,
    }
    sent = [row for row in kept_messages(hub) if row["order"] == id_]
    assert {(row["body"]["template"], row["body"]["state"]) for row in sent} == {
        ("received", "completed"),
        ("activated", "completed"),
    }


def kept_messages(hub: Hub) -> list[Any]:
    """Every message as its row keeps it."""
    found = hub.client("dynamodb").scan(TableName=settings.events_table)["Items"]
    return [row for row in map(rows.unpacked, found) if row["type"] == "communicationMessage"]


def test_where_nothing_waits_it_says_so(hub: Hub) -> None:
    for words in ((), ("--dry-run",)):
        told = redrive(*words)
        assert (told.exit_code, told.stderr) == (0, "")
    assert told.stdout == f"The hub at {hub.url}: nothing waits.\n"


def test_a_dry_run_shows_every_place_and_changes_nothing(hub: Hub, listener: Listener) -> None:
    subscribed(hub, listener)
    first, second, third = unpublished(hub), unconfirmed(hub), unheard(hub, listener)
    before = waiting(hub)
    said = [redrive("--dry-run") for _ in range(2)]
    assert waiting(hub) == before
    assert listener.told == []
    assert [each.exit_code for each in said] == [0, 0]
    assert said[0].stdout == said[1].stdout
    lines = said[0].stdout.splitlines()
    assert lines[0].split() == ["place", "id", "event", "resource", "since", "tried", "why"]
    assert Counter(line.split()[0] for line in lines if line[:1].isalpha()) == {
        "place": 1,
        "parked": 3,
        "undelivered": 2,
        "subscribers": 1,
        "The": 1,
    }
    shown = " ".join(said[0].stdout.split())
    assert all(f"productOrder {id_[:8]}" in shown for id_ in (first, second, third))
    assert "ProductOrderCreateEvent" in shown
    assert all(f" {tried} " in shown for tried in (6, 3, 16))
    assert "ClientError: An error" in shown
    assert "6 wait. Once the cause is mended: omnihub redrive" in shown


def test_what_failed_is_sent_again_and_has_each_effect_once(hub: Hub) -> None:
    id_ = unpublished(hub)
    assert hub.messages == []
    told = redrive()
    hub.settle()
    assert (told.exit_code, told.stdout) == (0, f"The hub at {hub.url}: 3 sent again, 0 left.\n")
    assert hub.dead_letters() == []
    assert_all_followed(hub, id_)


def test_every_place_is_emptied_in_the_shell_too(hub: Hub, listener: Listener, tmp_path: Path) -> None:
    subscribed(hub, listener)
    unpublished(hub), unconfirmed(hub)
    heard = unheard(hub, listener)
    told = omnihub(tmp_path, "redrive")
    hub.settle()
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout == f"The hub at {hub.url}: 6 sent again, 0 left.\n"
    assert hub.dead_letters() == []
    assert len(hub.messages) == 6
    assert heard in [each["event"]["productOrder"]["id"] for each in listener.events()]


def test_one_kind_of_place_can_be_sent_alone(hub: Hub) -> None:
    unpublished(hub), unconfirmed(hub)
    assert redrive("--only", "undelivered").stdout.endswith("2 sent again, 0 left.\n")
    assert {"aws/lambda" in letter.place for letter in hub.dead_letters()} == {True}
    refused = redrive("--only", "nowhere")
    assert (refused.exit_code, refused.stderr.splitlines()[0]) == (
        2,
        "There is no place nowhere; it is parked, undelivered or subscribers.",
    )


def _broken(hub: Hub, id_: str, number: int) -> None:
    """Writes an order's row that is no row; nobody can read it."""
    item = {"pk": {"S": rows.pk("nova", "productOrder", id_)}, "sk": {"S": "productOrder"}}
    item |= {"type": {"S": "productOrder"}, "id": {"S": id_}, "attempt": {"N": str(number)}}
    hub.client("dynamodb").put_item(TableName=settings.order_table, Item=item)
    hub.settle()


def _in_one_object(hub: Hub) -> None:
    """Puts the records of all parked objects into the first, as Lambda parks what became too old as one batch."""
    s3, parked = hub.client("s3"), hub.dead_letters()
    places = [letter.place.partition("/") for letter in parked]
    records = [record for letter in parked for record in json.loads(letter.body["payload"])["Records"]]
    for bucket, _, key in places:
        s3.delete_object(Bucket=bucket, Key=key)
    records.sort(key=lambda record: int(record["dynamodb"]["SequenceNumber"]))
    whole = {**parked[0].body, "payload": json.dumps({"Records": records})}
    s3.put_object(Bucket=places[0][0], Key=places[0][2], Body=json.dumps(whole).encode())


def test_what_nobody_can_take_stays_and_stops_only_its_own_resource(hub: Hub) -> None:
    for number in (1, 2):
        _broken(hub, "poisoned", number)
    id_ = unpublished(hub)
    _in_one_object(hub)
    told = redrive()
    hub.settle()
    assert told.exit_code == 1
    assert f"The hub at {hub.url}: 3 sent again, 2 left.\n" in told.stdout
    poison, behind = (line for line in told.stdout.splitlines() if line.startswith("parked"))
    assert "KeyError" in poison
    assert "it waits for an earlier one of its resource" in " ".join(behind.split())
    assert_all_followed(hub, id_)
    assert [len(json.loads(letter.body["payload"])["Records"]) for letter in hub.dead_letters()] == [2]
    following = told.stderr.splitlines()[-1]
    assert following.startswith("Next: mend what is named, then: omnihub redrive; for good: omnihub redrive --discard ")
    gone = redrive("--discard", following.split()[-1])
    assert (gone.exit_code, json.loads(gone.stdout)["resource"]) == (0, "productOrder poisoned")
    assert redrive("--dry-run").stdout.count("productOrder poisoned") == 1
    assert redrive("--discard", "nothing").stderr.startswith("The ids of 0 that wait begin with nothing.")


def test_parked_records_of_a_resource_go_in_their_order_however_they_lie_there(hub: Hub) -> None:
    with failing(function(hub, "events.publish"), 1, THROTTLED):
        cart = stacy(hub).post(CARTS, {}).body
        for offering in ("plan-m", "plan-s", "handset-fjord-2"):
            hub.settle()
            stacy(hub).post(f"{CARTS}/{cart['id']}/cartItem", {"productOffering": {"id": offering}})
        hub.settle()
    assert len(hub.dead_letters()) == 4
    with published() as seen:
        assert redrive().exit_code == 0
    told = [event["sequence"] for event in map(json.loads, seen) if cart["id"] in event["eventId"]]
    assert told == [1, 2, 3, 4]


def _fail_everywhere(hub: Hub, listener: Listener) -> list[str]:
    """Two orders, and of them something in each place."""
    with failing(function(hub, "events.confirm"), 1, THROTTLED):
        return [unheard(hub, listener), direct_unpublished(hub)]


def test_killed_at_any_call_it_goes_on_and_nothing_is_lost_or_done_twice(
    hub: Hub, listener: Listener, request: pytest.FixtureRequest
) -> None:
    """Killed before a call is killed after the one before; where that only read, nothing is different.

    Every third of these calls with every run of the tests, each of them with `--whole`.
    """
    subscribed(hub, listener)
    _fail_everywhere(hub, listener)
    with killed(hub, 0) as calls:
        assert redrive().exit_code == 0
    hub.settle()
    after_changes = [at for at in range(2, len(calls) + 1) if not calls[at - 2].startswith(("Get", "List"))]
    assert len(after_changes) > 10, calls
    for at in after_changes[:: 1 if request.config.getoption("--whole") else 3]:
        made = _fail_everywhere(hub, listener)
        with killed(hub, at), pytest.raises(Killed):
            redrive()
        hub.settle()
        reappear(hub)
        again = redrive()
        assert (again.exit_code, again.stderr) == (0, ""), (at, again.output)
        hub.settle()
        assert hub.dead_letters() == [], (at, again.output)
        for id_ in made:
            assert_all_followed(hub, id_)
        assert set(made) <= {each["event"]["productOrder"]["id"] for each in listener.events()}


def test_a_stage_on_aws_is_found_by_the_outputs_of_its_stacks(hub: Hub) -> None:
    """moto answers boto3 in this process as AWS would; only its CloudFormation knows nothing of the stacks."""
    unconfirmed(hub), unpublished(hub)
    outputs = [{"OutputKey": name, "OutputValue": value} for name, value in hub.outputs.items()]
    real = BaseClient._make_api_call  # type: ignore[attr-defined]
    asked: list[str] = []

    def call(client: Any, operation: str, sent: Any) -> Any:
        if operation != "DescribeStacks":
            return real(client, operation, sent)
        asked.append(sent["StackName"])
        return {"Stacks": [{"Outputs": outputs}]}

    with patch.object(BaseClient, "_make_api_call", call):
        told = redrive("--stage", "dev")
    hub.settle()
    assert (told.exit_code, told.stdout) == (0, "The stage dev: 5 sent again, 0 left.\n"), told.output
    assert asked == ["OmnihubData-dev", "Omnihub-dev"]
    assert hub.dead_letters() == []


def test_a_stage_that_cannot_be_read_is_a_sentence(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", hub.url)
    monkeypatch.delenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
    refused = redrive("--stage", "prod")
    assert refused.exit_code == 2
    assert refused.stderr.startswith("The stack OmnihubData-prod cannot be read: ")


def test_a_hub_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    refused = omnihub(tmp_path, "redrive")
    assert refused.returncode == 2
    assert refused.stderr.startswith("No hub has run in this folder yet.\nNext: make run (in another terminal), or")
    (tmp_path / ".omnihub").mkdir()
    gone: dict[str, Any] = {"url": "http://127.0.0.1:1", "issuer": "i", "outputs": {"ParkedRecords": "p"}}
    (tmp_path / ".omnihub" / "hub.json").write_text(json.dumps(gone))
    away = omnihub(tmp_path, "redrive", "--only", "parked")
    assert away.returncode == 2
    assert away.stderr.startswith("The hub at http://127.0.0.1:1 ")

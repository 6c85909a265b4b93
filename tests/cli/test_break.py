"""`omnihub break`: a running hub is hurt in each way, and what the command says of its rows is what the rows say."""

import re
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest

from cli.account import chosen
from cli.evidence import Evidence
from cli.hub import load
from functions.shared.rows import Row
from local import issuer
from local.hub import Hub
from tests.cli.conftest import omnihub
from tests.local.web import ask


@pytest.fixture(scope="module")
def hub(out: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub of this folder, as other processes see it."""
    folder = tmp_path_factory.mktemp("break")
    with chdir(folder), Hub.start(out, state=folder / ".omnihub") as running:
        load(running)
        running.settle()
        yield running


def broken(hub: Hub, how: str) -> str:
    """What the command says of its one order; the hub has come to rest, and two messages were sent."""
    before = len(hub.messages)
    told = omnihub(Path.cwd(), "break", how)
    assert (told.returncode, told.stderr) == (0, ""), told.stdout
    hub.settle()
    assert len(hub.messages) == before + 2
    assert_one_of_all(said := " ".join(told.stdout.split()))
    return said


def shown(said: str, kind: str) -> set[str]:
    """The short ids of the rows of a kind in the table."""
    return set(re.findall(rf" {kind} ([0-9a-f]{{8}}) ", said))


def kept(noun: str, kind: str, said: str) -> list[Row]:
    """The rows themselves whose short ids the table shows."""
    ids = shown(said, {"productOrder": "order", "shoppingCart": "cart", "communicationMessage": "message"}[kind])
    return Evidence(chosen(None)).rows(noun, kind, lambda row: row["id"][:8] in ids)


def assert_one_of_all(said: str) -> None:
    """One order, fulfilled, of one closed cart, and one message per stage."""
    (order,), (cart,) = kept("order", "productOrder", said), kept("cart", "shoppingCart", said)
    assert order["body"]["state"] == "completed"
    assert (order["body"]["shoppingCart"]["id"], cart["body"]["state"]) == (cart["id"], "ordered")
    messages = kept("events", "communicationMessage", said)
    assert sorted(row["body"]["template"] for row in messages) == ["activated", "received"]
    assert re.findall(r" event [0-9a-f]{8} (\d+) ", said) == [str(n) for n in range(1, order["version"] + 1)]


def test_without_a_hub_it_says_what_to_do(tmp_path: Path) -> None:
    assert "No hub has run in this folder yet." in omnihub(tmp_path, "break", "double-click").stderr
    (tmp_path / ".omnihub").mkdir()
    (tmp_path / ".omnihub" / issuer.HUB_FILE).write_text('{"url": "http://127.0.0.1:9", "issuer": "", "outputs": {}}')
    told = omnihub(tmp_path, "break", "poison")
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.startswith("The hub at http://127.0.0.1:9 does not answer")
    assert told.stderr.endswith("Next: make run (in another terminal)\n")


def test_a_double_click_makes_one_order_that_every_answer_names(hub: Hub) -> None:
    said = broken(hub, "double-click")
    assert "16 answers: 16 x 201." in said


def test_two_shops_make_one_order_and_the_line_is_in_it_or_refused(hub: Hub) -> None:
    said = broken(hub, "two-shops")
    assert "2 answers: 2 x 201." in said
    (order,) = kept("order", "productOrder", said)
    added = "plan-s" in [item["productOffering"]["id"] for item in order["body"]["productOrderItem"]]
    assert ("Stacy's line was taken" in said, "Stacy is told: This cart was ordered" in said) == (added, not added)


def test_a_crash_after_the_commit_loses_nothing_and_doubles_nothing(hub: Hub) -> None:
    said = broken(hub, "crash-after-commit")
    assert "the channel is answered 500" in said
    assert hub.function_errors.pop().type == "Died"
    assert hub.function_errors == []


def test_no_page_of_the_web_makes_a_function_die(hub: Hub) -> None:
    token = hub.token("nova-web", "customer", "customer-stacy", customer_id="customer-stacy")
    cart, headers = "/tmf-api/shoppingCart/v4/shoppingCart", {"authorization": f"Bearer {token}"}
    for more in ({"origin": "https://evil.example"}, {"Host": "evil.example"}):
        sent = {**headers, **more, "omnihub-break": "crash-after-commit", "content-type": "application/json"}
        noted = '{"cartItem": [{"productOffering": {"id": "plan-m"}, "note": [{"text": "a transaction"}]}]}'
        assert ask(hub, "POST", cart, noted, **sent).status == 201
    asked = {**headers, "omnihub-break": "crash-after-commit", "content-type": "application/json"}
    assert ask(hub, "POST", cart, noted, **asked).status == 500
    assert hub.function_errors.pop().type == "Died"


def test_a_late_event_moves_nothing_back_and_makes_nothing(hub: Hub) -> None:
    said = broken(hub, "late-event")
    assert "Not one row of the order is another than before." in said


def test_poison_is_parked_and_seen_and_what_comes_after_it_flows(hub: Hub) -> None:
    said = broken(hub, "poison")
    assert re.search(r"parked [0-9a-f]{8} unreadable productOrder poison-", said)
    (letter,) = hub.dead_letters()
    assert "aws/lambda/" in letter.place
    dry = omnihub(Path.cwd(), "redrive", "--dry-run").stdout
    assert "productOrder poison-" in " ".join(dry.split())

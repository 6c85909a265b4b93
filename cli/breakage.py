"""What `omnihub break` plays on: a running hub, what is said of it, how one speaks to it, and what its rows say."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from cli.account import chosen
from cli.call import own_url, sender, token_of
from cli.console import told_on
from cli.evidence import Evidence, shown, sold
from cli.say import NOT_AS_TOLD, refuse
from cli.scenery import CARTS
from cli.stacy import WEB as STACY
from cli.story import Actor, Answer, Call
from functions.shared.rows import Row


class Scene:
    """A running hub, what is said of it, and how one speaks to it."""

    def __init__(self) -> None:
        self.account = chosen(None)
        self.console = told_on()
        self.send = sender(own_url(), token_of)
        with self.account.answering():
            self.rows = Evidence(self.account)

    def say(self, sentence: str) -> None:
        """Tells what happened."""
        self.console.print(sentence)

    def must(self, sentence: str, holds: object) -> None:
        """Tells what is true; where it is not, the command ends."""
        if not holds:
            refuse(f"That is not so: {sentence}", "look into .omnihub/hub.log", NOT_AS_TOLD)
        self.console.print(f"[green]✓[/green] {sentence}")

    def cart(self, offering: str = "plan-m") -> str:
        """A cart of Stacy's with one line."""
        made = self.send(STACY, Call("POST", CARTS, {"cartItem": [{"productOffering": {"id": offering}}]}))
        return str(made.body["id"])

    def at_once(self, calls: Iterable[tuple[Actor, Call]]) -> list[Answer]:
        """The answers to calls that are all under way at the same time."""
        asked = list(calls)
        for actor in {actor for actor, _ in asked}:
            token_of(actor)
        with ThreadPoolExecutor(len(asked)) as pool:
            return list(pool.map(lambda each: self.send(*each), asked))

    def end(self, id_: str) -> dict[str, list[Row]]:
        """Waits for all that follows from an order, says what must be true of every one, and shows its rows."""
        found = self.rows.fulfilled(id_)
        events = self.rows.events("order", id_)
        numbers = [event["sequence"] for event in events]
        self.must(f"The order's {len(events)} events are numbered without a gap: {numbers}.", _gapless(numbers))
        stages = sorted(row["body"]["template"] for row in found["message"])
        self.must(f"One message per stage was sent: {', '.join(stages)}.", stages == ["activated", "received"])
        count = len(found["product"])
        self.must(f"As many products are installed as were sold: {count}.", count == sold(found["order"]))
        self.console.print(shown(found, events))
        return found


def _gapless(numbers: list[int]) -> bool:
    return numbers == list(range(1, len(numbers) + 1))

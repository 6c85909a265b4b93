"""`omnihub catalog`: drafts of the running hub are published, or what stands in the way is told."""

from pathlib import Path

from tests.cli.conftest import Running, edit
from tests.tmf.client import Client

OFFERINGS = "/tmf-api/productCatalogManagement/v4/productOffering"


def _operator(running: Running) -> Client:
    token = running.omnihub("token", "--role", "operator", "--channel", "backoffice").stdout.strip()
    return Client(running.url, token)


def test_drafts_are_published_once_and_what_is_wrong_with_them_is_told(running: Running) -> None:
    olga = _operator(running)
    made = olga.post(OFFERINGS, {"name": "Pendler-Option", "lifecycleStatus": "Active"}).body

    refused = running.omnihub("catalog", "publish")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"{made['id']} (Pendler-Option): it is on sale in no channel" in refused.stderr
    assert "\nNext: mend what is named" in refused.stderr

    olga.patch(made["href"], {"lifecycleStatus": "In study"})
    first, second = (running.omnihub("catalog", "publish") for _ in range(2))
    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    assert first.stdout.startswith("Published: version ")
    assert second.stdout == first.stdout.replace("Published", "Nothing has changed since").replace(", on sale now", "")
    assert running.omnihub("catalog", "log").stdout.splitlines()[0] in first.stdout


def test_who_may_not_publish_and_what_is_no_hub_is_told_in_a_sentence(running: Running) -> None:
    agent = running.omnihub("token", "--role", "agent", "--channel", "shop").stdout.strip()
    refused = running.omnihub("catalog", "publish", "--url", running.url, "--token", agent)
    assert refused.returncode == 1
    assert "The role agent may not do this" in refused.stderr
    assert running.omnihub("catalog", "publish", "--brand", "vega").stderr.startswith("There is no brand vega;")
    assert len(running.omnihub("catalog", "log", "--brand", "pico").stdout.splitlines()) == 1


def test_a_folder_goes_live_and_back_with_its_differences_shown_and_nothing_deployed(
    running: Running, nova: Path
) -> None:
    def catalog(*words: str | Path, typed: str = "", code: int = 0) -> str:
        told = running.omnihub("catalog", *map(str, words), typed=typed)
        assert told.returncode == code, told.stdout + told.stderr
        return told.stdout + told.stderr

    def sold() -> object:
        return web.get("/tmf-api/productCatalogManagement/v4/productOfferingPrice/plan-s-monthly").body["price"][
            "value"
        ]

    web = Client(running.url, running.omnihub("token", "--role", "guest", "--channel", "web").stdout.strip())
    was = catalog("export").encode()
    kept = nova.parent / "kept.json"
    catalog("export", kept)
    assert kept.read_bytes() == was
    assert "Nothing would change" in catalog("publish", kept)
    assert catalog("diff", "live", kept) == "Both say the same.\n"
    edit(nova / "mobile.yaml", "monthly: 19.99", "monthly: 24.99")

    shown = catalog("publish", nova, typed="n\n", code=1)
    assert "plan-s-monthly" in shown
    assert "Publish this, on sale now? [y/N]:" in shown
    assert shown.endswith("Nothing was published.\n")
    assert float(str(sold())) == 19.99
    assert "Published: version " in catalog("publish", nova, typed="y\n")
    assert float(str(sold())) == 24.99
    assert catalog("diff", "live", nova, "--exit-code") == "Both say the same.\n"
    now = catalog("log").splitlines()[0]
    assert now.endswith(", on sale now")

    edit(nova / "mobile.yaml", "monthly: 24.99", "monthly: 29.99")
    told = catalog("publish", nova, "--at", "2999-01-01", "--yes")
    assert "on sale from 2999-01-01 00:00 in Europe/Berlin." in told
    assert catalog("log").splitlines()[0].endswith(", on sale from 2999-01-01 00:00 in Europe/Berlin")
    assert "+5.00 EUR" in catalog("diff", "live", "newest")
    assert "is over" in catalog("publish", nova, "--at", "2020-01-01", "--yes", code=2)
    assert "is the catalog of nova, not of pico" in catalog("publish", nova, "--brand", "pico", code=2)

    back = catalog("rollback", "--yes")
    assert "-5.00 EUR" in back
    assert "which was to follow from 2998-12-31T23:00:00.000Z, is dropped." in back
    assert float(str(sold())) == 19.99
    edit(nova / "mobile.yaml", "category: postpaid", "category: postpayed")
    assert "did you mean 'postpaid'?" in catalog("publish", nova, code=1)
    assert "There is no version 0123456789abcdef" in catalog("rollback", "0123456789abcdef", "--yes", code=1)


def test_live_carts_are_tried_and_written_without_a_word_of_whose_they_are(running: Running, nova: Path) -> None:
    agent = Client(running.url, running.omnihub("token", "--role", "agent", "--channel", "callcentre").stdout.strip())
    body = {"cartItem": [{"productOffering": {"id": "plan-l"}, "quantity": 2}]}
    cart = agent.post("/tmf-api/shoppingCart/v4/shoppingCart", body).body
    written = running.omnihub("catalog", "carts").stdout
    assert '"productOffering": {"id": "plan-l"}' in written
    assert cart["id"] not in written
    sample = nova.parent / "carts.jsonl"
    sample.write_text(written, "utf-8")
    edit(nova / "mobile.yaml", "monthly: 19.99", "monthly: 24.99")
    for carts in (str(sample), "live"):
        told = running.omnihub("catalog", "diff", "live", str(nova), "--carts", carts)
        assert "Carts: " in told.stdout, told.stderr


def test_who_may_write_the_bucket_publishes_past_the_api_by_the_same_rules(running: Running, nova: Path) -> None:
    edit(nova / "mobile.yaml", "monthly: 19.99", "monthly: 21.99")
    agent = running.omnihub("token", "--role", "guest", "--channel", "web").stdout.strip()
    told = running.omnihub("catalog", "publish", str(nova), "--direct", "--yes")
    assert (told.returncode, "Published: version " in told.stdout) == (0, True), told.stderr
    price = Client(running.url, agent).get("/tmf-api/productCatalogManagement/v4/productOfferingPrice/plan-s-monthly")
    assert float(price.body["price"]["value"]) == 21.99
    assert told.stdout.splitlines()[-1].endswith(running.omnihub("catalog", "log").stdout.splitlines()[0] + ".")
    through, past = (running.omnihub("catalog", "export", *more).stdout for more in ((), ("--direct",)))
    assert through == past != ""
    again = running.omnihub("catalog", "publish", str(nova), "--direct", "--yes")
    assert again.stdout == "Nothing would change.\n"
    refused = running.omnihub("catalog", "export", "--direct", "--version", "0123456789abcdef")
    assert (refused.returncode, "There is no version 0123456789abcdef" in refused.stderr) == (1, True)

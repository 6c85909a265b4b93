"""`omnihub catalog`: drafts of the running hub are published, or what stands in the way is told."""

from tests.cli.conftest import Running
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
    assert second.stdout == first.stdout.replace("Published", "Nothing has changed since")
    assert running.omnihub("catalog", "log").stdout.splitlines()[0] in first.stdout


def test_who_may_not_publish_and_what_is_no_hub_is_told_in_a_sentence(running: Running) -> None:
    agent = running.omnihub("token", "--role", "agent", "--channel", "shop").stdout.strip()
    refused = running.omnihub("catalog", "publish", "--url", running.url, "--token", agent)
    assert refused.returncode == 1
    assert "The role agent may not do this" in refused.stderr
    assert running.omnihub("catalog", "publish", "--brand", "vega").stderr.startswith("There is no brand vega;")
    assert running.omnihub("catalog", "log", "--brand", "pico").stdout == ""

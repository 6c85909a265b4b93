"""What a filled hub holds: the people with the ids of people.yaml, and what each has already."""

import pytest

from cli import people
from cli.network import Misbehaviour, misbehaviour, tell
from cli.say import TELCO
from infra import channels
from local.hub import Hub
from tests.tmf.client import Client

PEOPLE = {person["key"]: person for person in people.written(TELCO)["people"]}


def agent(hub: Hub, brand: str) -> Client:
    return Client(hub.url, hub.token(f"{brand}-callcentre", "agent", "agent-ben"))


@pytest.mark.parametrize("key", PEOPLE)
def test_everybody_is_there_with_party_account_and_products(hub: Hub, key: str) -> None:
    person, reader = PEOPLE[key], agent(hub, PEOPLE[key]["brand"])
    customer = reader.get(f"/tmf-api/customerManagement/v4/customer/{person['customer']['id']}").body
    kind = "individual" if "individual" in person else "organization"
    assert customer["engagedParty"]["id"] == person[kind]["id"]
    assert [each["id"] for each in customer["contactMedium"]] == [each["id"] for each in person[kind]["contactMedium"]]
    assert customer["origin"] == people.BATCH
    account = reader.get(f"/omnihub/v1/billingAccount/{person['billingAccount']['id']}").body
    assert (account["currency"], account["cycleDay"]) == (
        person["billingAccount"]["currency"],
        person["billingAccount"]["cycleDay"],
    )
    reader.get(f"/tmf-api/party/v4/{kind}/{person[kind]['id']}")
    for installed in person["installed"]:
        product = reader.get(f"/tmf-api/productInventory/v4/product/{installed['id']}").body
        assert product["productOffering"]["id"] == installed["offering"]
        assert product["origin"] == people.BATCH
        assert product["productPrice"]
        assert product["startDate"].startswith(installed["startDate"])


@pytest.mark.parametrize("key", PEOPLE)
def test_everybody_is_found_by_their_address(hub: Hub, key: str) -> None:
    person = PEOPLE[key]
    media = (person.get("individual") or person["organization"])["contactMedium"]
    address = next(each["characteristic"]["emailAddress"] for each in media if each["mediumType"] == "email")
    path = f"/tmf-api/customerManagement/v4/customer?contactMedium.characteristic.emailAddress={address}"
    assert [each["id"] for each in agent(hub, person["brand"]).get(path).body] == [person["customer"]["id"]]


def test_everybody_behind_the_channels_works_in_one_that_carries_their_role() -> None:
    for staff in people.written(TELCO)["staff"]:
        assert staff["role"] in channels.KINDS[staff["channel"]][1]
        assert staff["channel"] in channels.BRANDS[staff["brand"]][1]


@pytest.mark.parametrize(
    ("ordered", "told"),
    [
        ("fail:fibre-500:2", Misbehaviour("fail", "fibre-500", 2)),
        ("slow:plan-m", Misbehaviour("slow", "plan-m", 1)),
        ("fail:*:3", Misbehaviour("fail", "*", 3)),
    ],
)
def test_the_network_is_told_in_one_word(ordered: str, told: Misbehaviour) -> None:
    assert misbehaviour(ordered) == told


def test_what_nobody_sells_cannot_fail(hub: Hub) -> None:
    with pytest.raises(ValueError, match="No brand has an offering fibre-5000"):
        tell([Misbehaviour("fail", "fibre-5000", 1)])

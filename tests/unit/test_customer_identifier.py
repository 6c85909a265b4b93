"""Identifiers: how they are compared, and which a customer claims."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.customer import account, identifier
from functions.shared.errors import Malformed
from functions.shared.tmf import merge_patch

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        ("+491713920011", "DE", "+491713920011"),
        ("0171 392 00-11", "DE", "+491713920011"),
        ("(0171) 3920011", "DE", "+491713920011"),
        ("0049/171/3920011", "DE", "+491713920011"),
        ("+49 (0)171 3920011", "DE", "+491713920011"),
        ("491713920011", "DE", "+491713920011"),
        ("1713920011", "DE", "+491713920011"),
        ("078 000 00 11", "CH", "+41780000011"),
        ("+49 171 3920011", "CH", "+491713920011"),
        ("0171 3920011", "XX", None),
        ("+1 202 555 0123", "XX", "+12025550123"),
        ("110", "DE", None),
        ("+0171392001", "DE", None),
        ("call me", "DE", None),
        ("", "DE", None),
        ("+49" + "1" * 20, "DE", None),
        ("٠١٧١٣٩٢٠٠١١", "DE", None),
        ("+49+1713920011", "DE", None),
    ],
)
def test_a_phone_number_is_compared_in_e164(written: str, country: str, number: str | None) -> None:
    assert identifier.msisdn(written, country) == number


@pytest.mark.parametrize(
    ("written", "address"),
    [
        (" Jane.Keller@Example.COM ", "jane.keller@example.com"),
        ("jane+tv@example.com", "jane+tv@example.com"),
        ("jane", None),
        ("jane@", None),
        ("a@b@c", None),
        ("a b@example.com", None),
        ("a" * 65 + "@example.com", None),
        ("", None),
    ],
)
def test_an_address_is_compared_in_lower_case(written: str, address: str | None) -> None:
    assert identifier.email(written) == address


@given(st.text(max_size=40), st.sampled_from(["DE", "CH", "XX"]))
def test_normalising_twice_is_normalising_once(written: str, country: str) -> None:
    for normal in (identifier.email(written), identifier.msisdn(written, country)):
        if normal is not None:
            assert normal in (identifier.email(normal), identifier.msisdn(normal, country))


BODY: dict[str, Any] = {
    "externalReference": [{"system": "crm", "id": "K:1"}],
    "account": [{"id": "4711", "name": "x"}],
    "contactMedium": [
        {"verified": True, "characteristic": {"emailAddress": "A@x.org", "phoneNumber": "0171 3920011"}},
        {"verified": True, "characteristic": {"city": "Musterstadt"}},
        {"verified": False, "characteristic": {"emailAddress": "b@x.org"}},
        {
            "verified": True,
            "characteristic": {"emailAddress": "c@x.org"},
            "validFor": {"endDateTime": "2026-02-28T23:59:59Z"},
        },
    ],
}


@pytest.mark.parametrize(
    ("kind", "claims"),
    [
        ("customer", {"reference:customer:crm:K:1", "account:4711", "email:a@x.org", "msisdn:+491713920011"}),
        ("billingAccount", {"reference:billingAccount:crm:K:1"}),
        ("individual", set()),
    ],
)
def test_only_what_is_verified_and_in_force_is_claimed(kind: str, claims: set[str]) -> None:
    assert identifier.of(kind, BODY, "DE", NOW) == claims


@pytest.mark.parametrize(
    "reference", [{"id": "1"}, {"system": "crm"}, {"system": "c:m", "id": "1"}, {"system": "x" * 65, "id": "1"}]
)
def test_a_reference_needs_an_id_and_a_system(reference: dict[str, str]) -> None:
    with pytest.raises(Malformed, match="system"):
        identifier.of("customer", {"externalReference": [reference]}, "DE", NOW)


def test_every_sort_of_identifier_has_a_word() -> None:
    assert {identifier.word(each) for each in identifier.of("customer", BODY, "DE", NOW)} == set(
        identifier.WORDS.values()
    )


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [  # the examples of RFC 7396
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_a_merge_patch_does_what_the_standard_says(target: Any, patch: Any, result: Any) -> None:
    assert merge_patch(target, patch) == result


def test_the_first_account_in_use_is_billed() -> None:
    closed, used = {"id": "1", "state": "closed"}, {"id": "2", "state": "active"}

    assert account.default({"account": [closed, used]}) == "2"
    assert account.default({"account": [{"id": "3"}, used]}) == "3"
    assert account.default({"account": [closed]}) is None
    assert account.default({}) is None

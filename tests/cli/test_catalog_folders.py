"""`omnihub catalog check` and `diff`: what a business user sees before anything is published; no hub is needed."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from cli.say import TELCO
from cli.telco import compile_brand
from tests.cli.conftest import edit


def catalog(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["catalog", *map(str, words)])


@pytest.mark.parametrize("brand", ["nova", "pico"])
def test_the_sample_may_be_published(brand: str) -> None:
    told = catalog("check", TELCO / brand, "--strict")
    assert (told.exit_code, told.stdout.startswith(f"{brand}: no fault in ")) == (0, True)


def test_a_fault_is_told_with_its_line_and_what_to_do(nova: Path) -> None:
    edit(nova / "promotions.yaml", "amount: 20.00", "amount: 50.00")
    told = catalog("check", nova)
    assert told.exit_code == 1
    text = " ".join(told.stdout.split())
    assert "error nova/promotions.yaml, line " in text
    assert "it takes off 50.00, and a price it reaches is only 39.99; take less. (exceedsPrice)" in text
    assert text.endswith("nova: 1 error in 34 offerings, 7 promotions.")

    (line,) = catalog("check", nova, "--json").stdout.splitlines()
    assert {"severity": "error", "code": "exceedsPrice", "id": "activation-online"}.items() <= json.loads(line).items()


def test_a_warning_is_told_and_only_strict_people_stop_at_it(nova: Path) -> None:
    edit(nova / "mobile.yaml", "recommends: [security-pack, second-sim]", "recommends: [security-pack, plan-xl]")
    told = catalog("check", nova)
    assert (told.exit_code, "plan-xl, which is Retired" in told.stdout) == (0, True)
    assert told.stdout.splitlines()[-1].startswith("nova: 1 warning in ")
    assert catalog("check", nova, "--strict").exit_code == 1


def test_what_does_not_compile_and_what_is_no_folder_is_told_in_a_sentence(nova: Path, tmp_path: Path) -> None:
    edit(nova / "mobile.yaml", "category: postpaid", "category: postpayed")
    told = catalog("check", nova)
    assert (told.exit_code, told.stdout) == (1, "")
    assert "did you mean 'postpaid'?\nNext: mend that line" in told.stderr
    assert catalog("check", tmp_path / "nowhere").exit_code == 2
    several = catalog("check", TELCO)
    assert (several.exit_code, "holds several brands" in several.stderr) == (2, True)
    (tmp_path / "odd.json").write_text("[" * 100_000, "utf-8")
    assert catalog("diff", tmp_path / "odd.json", nova).exit_code == 2


def test_of_many_that_differ_the_first_are_told_and_the_rest_counted(tmp_path: Path) -> None:
    was = compile_brand(TELCO, "nova")
    more = [{**was["category"][0], "id": f"more-{n:03}"} for n in range(120)]
    for name, content in (("one", was), ("other", {**was, "category": [*was["category"], *more]})):
        (tmp_path / name).with_suffix(".json").write_text(json.dumps(content, default=float), "utf-8")
    told = catalog("diff", tmp_path / "one.json", tmp_path / "other.json").stdout
    assert ("more-099" in told, "more-100" in told, "+  category: 20 more" in told) == (True, False, True)
    back = catalog("diff", tmp_path / "other.json", tmp_path / "one.json", "--all").stdout
    assert [line.split()[:3] for line in back.splitlines()] == [["-", "category", each["id"]] for each in more]


def test_what_an_edit_changes_is_told_before_anybody_buys_by_it(nova: Path, tmp_path: Path) -> None:
    same = catalog("diff", TELCO / "nova", nova)
    assert (same.exit_code, same.stdout) == (0, "Both say the same.\n")
    edit(nova / "mobile.yaml", "monthly: 19.99", "monthly: 24.99")
    version = tmp_path / "version.json"
    version.write_text(json.dumps(compile_brand(TELCO, "nova"), default=float), "utf-8")
    for before in (TELCO / "nova", version):
        told = catalog("diff", before, nova)
        assert (told.exit_code, catalog("diff", before, nova, "--exit-code").exit_code) == (0, 1)
        lines = [" ".join(line.split()) for line in told.stdout.splitlines()]
        assert "~ price plan-s-monthly (Monatlicher Preis)" in lines
        assert "price.value 19.99 24.99" in lines
        assert "plan-s-monthly plan-s 19.99 24.99 +5.00 EUR (+25%)" in lines


def test_a_cart_is_tried_before_anybody_fills_one(nova: Path) -> None:
    student = catalog("simulate", nova, "handset-pebble-3", "plan-l:2", "--fact", "customer.student=yes")
    lines = [" ".join(line.split()) for line in student.stdout.splitlines()]
    assert lines[0] == "1 x Tarnik Pebble 3 199.00 EUR once (student-handset: -30.00 EUR)"
    assert lines[1].startswith("2 x Nova L 39.99 EUR once")
    assert lines[2] == "Together 208.98 EUR once, 89.98 EUR a month"

    business = catalog("simulate", nova, "plan-l", "fleet-service", "--fact", "customer.kind=business")
    assert (business.exit_code, "Nova L    " in business.stdout, "39.99 EUR a month" in business.stdout) == (
        0,
        True,
        True,
    )
    barred = catalog("simulate", nova, "fleet-service")
    assert (barred.exit_code, "For business customers only." in barred.stdout) == (1, True)
    winter = catalog("simulate", nova, "tv-plus", "--at", "2025-12-24T18:00")
    assert "(winter-tv: -7.00 EUR for 6 months)" in winter.stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["plan-m", "--fact", "age=9"], "there is no parameter age;"),
        (["plan-m", "--fact", "tenure=long"], "long is not a number"),
        (["plan-m:0"], "'plan-m:0' is no line; write it like plan-m or plan-m:2."),
        (["plan-m:100"], "is no line"),
    ],
)
def test_what_is_no_cart_is_told_in_a_sentence(nova: Path, words: list[str], sentence: str) -> None:
    told = catalog("simulate", nova, *words)
    assert (told.exit_code, sentence in told.stderr) == (2, True)


def test_sample_carts_say_who_pays_more(nova: Path, tmp_path: Path) -> None:
    edit(nova / "mobile.yaml", "monthly: 19.99", "monthly: 24.99")
    edit(nova / "home.yaml", "category: bundles", "status: Retired\n    category: bundles")
    carts = tmp_path / "carts.jsonl"
    line = '{{"id": "{0}", "channel": [{{"id": "shop"}}], "cartItem": [{{"productOffering": {{"id": "{0}"}}}}]}}\n'
    carts.write_text("".join(line.format(id_) for id_ in ("plan-s", "plan-m", "home-choice")), "utf-8")
    told = catalog("diff", TELCO / "nova", nova, "--carts", carts)
    lines = [" ".join(line.split()) for line in told.stdout.splitlines()]
    assert "Carts: 2 of 3 change" in lines
    assert "plan-s a month 19.99 24.99 +5.00 EUR" in lines
    assert any(line.startswith("home-choice Nova Your Choice is not on sale") for line in lines)

    carts.write_text('{"channel": "web", "cartItem": [{}]}', "utf-8")
    wrong = catalog("diff", TELCO / "nova", nova, "--carts", carts)
    assert (wrong.exit_code, "line 1 is no cart" in wrong.stderr) == (2, True)

"""A stage is its settings: what customers use is kept and limited, what a developer tries costs nothing at rest."""

import json
from pathlib import Path

import pytest

from cli.hub import load
from infra import stages
from local.hub import Hub
from tests.infra.stacks import Stacks
from tests.infra.synth import FRONT, TRIED, run
from tests.tmf.client import Client

OFFERINGS = "/tmf-api/productCatalogManagement/v4/productOffering"


def test_a_stage_that_nobody_defined_is_a_sentence() -> None:
    with pytest.raises(stages.UnknownStage, match=r"^There is no stage test; infra/stages\.py defines dev and prod\.$"):
        stages.named("test")


def test_it_ends_the_synth_without_a_traceback(tmp_path: Path) -> None:
    asked = {"CDK_CONTEXT_JSON": json.dumps({"stage": "test"}), "CDK_OUTDIR": str(tmp_path / "out")}
    ran = run("infra.app", **asked)
    assert (ran.returncode, ran.stderr.strip()) == (1, "There is no stage test; infra/stages.py defines dev and prod.")


@pytest.mark.parametrize("stage", TRIED.values(), ids=lambda stage: str(stage.name))
def test_the_template_says_what_the_stage_says(every_stage: Path, stage: stages.Stage) -> None:
    made = Stacks(every_stage / stage.name)
    (gateway,) = made.of("AWS::ApiGatewayV2::Stage").values()
    assert gateway["Properties"]["DefaultRouteSettings"] == {
        "ThrottlingBurstLimit": stage.burst,
        "ThrottlingRateLimit": stage.requests_per_second,
    }
    for id_, log in made.of("AWS::Logs::LogGroup").items():
        days = {"ONE_WEEK": 7, "THREE_MONTHS": 90}[stage.logs]
        assert log["Properties"]["RetentionInDays"] == days, id_
    for id_, kept in made.of("AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket").items():
        assert kept["DeletionPolicy"] == ("Retain" if stage.keeps_data else "Delete"), id_
    (api,) = made.of("AWS::ApiGatewayV2::Api").values()
    assert api["Properties"].get("DisableExecuteApiEndpoint", False) is (stage.front is not None)


@pytest.mark.parametrize("stage", stages.STAGES.values(), ids=lambda stage: str(stage.name))
def test_functions_that_answer_start_from_a_snapshot_and_the_others_have_runs_of_their_own(
    every_stage: Path, stage: stages.Stage
) -> None:
    for function in Stacks(every_stage / stage.name).functions:
        answers = function.name.endswith(".handler")
        snapshot = {"ApplyOn": "PublishedVersions"} if answers and stage.snap_start else None
        assert function.properties.get("SnapStart") == snapshot, function.name
        reserved = stage.deliveries if function.name == "events.deliver" else None if answers else stage.reserved
        assert function.properties.get("ReservedConcurrentExecutions") == reserved, function.name


def test_with_a_front_the_api_is_reached_through_it_alone(every_stage: Path) -> None:
    made = Stacks(every_stage / "fronted")
    (domain,) = made.of("AWS::ApiGatewayV2::DomainName").values()
    assert domain["Properties"]["MutualTlsAuthentication"] == {"TruststoreUri": FRONT.truststore}
    (distribution,) = made.of("AWS::CloudFront::Distribution").values()
    config = distribution["Properties"]["DistributionConfig"]
    (origin,) = config["Origins"]
    assert origin["DomainName"] == domain["Properties"]["DomainName"] == FRONT.origin
    assert origin["CustomOriginConfig"]["OriginMtlsConfig"] == {"ClientCertificateArn": FRONT.client_certificate}
    (acl,) = made.of("AWS::WAFv2::WebACL")
    assert config["WebACLId"] == {"Fn::GetAtt": [acl, "Arn"]}


@pytest.mark.parametrize("stage", TRIED)
def test_every_stage_runs_on_one_machine(every_stage: Path, stage: str) -> None:
    with Hub.start(every_stage / stage) as hub:
        load(hub)
        ann = Client(hub.url, hub.token("nova-web", "customer", "ann", customer_id="ann"))
        assert ann.get(f"{OFFERINGS}?limit=1").body

"""Synthesizes every stage with cdk-nag's packs: `python -m tests.infra.every_stage FOLDER` fills a folder per stage.

A process of its own, as `make run` has it: CDK wants a Node beside it, and findings are to be read, not raised.
"""

import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from infra.app import FLAGS, build
from infra.stages import PROD, STAGES, Front

FRONTED = replace(
    PROD,
    name="fronted",
    alarms_to="oncall@example.com",
    front=Front(
        domain="hub.example.com",
        certificate="arn:aws:acm:us-east-1:111122223333:certificate/hub",
        origin="origin.hub.example.com",
        origin_certificate="arn:aws:acm:eu-central-1:111122223333:certificate/origin",
        client_certificate="arn:aws:acm:us-east-1:111122223333:certificate/client",
        truststore="s3://example-trust/authority.pem",
    ),
)
NAMES = [*STAGES, FRONTED.name]


def main(folder: Path) -> None:
    """Each stage's assembly, with cdk-nag's report beside it."""
    for stage in (*STAGES.values(), FRONTED):
        app = App(outdir=str(folder / stage.name), context=FLAGS)
        Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))
        build(app, stage)
        with suppress(RuntimeError):  # findings: the report has them
            app.synth()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

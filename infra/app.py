"""The CDK app: `cdk synth` needs neither an account nor Docker."""

from aws_cdk import App

from infra import channels
from infra.data_stack import DataStack
from infra.hub_stack import HubStack

ISSUER = "https://issuer.omnihub.example"  # a stage names its own: -c issuer=https://…


def main() -> None:
    """Synthesizes both stacks of one stage (`-c stage=prod`; dev where none is named)."""
    app = App()
    stage = app.node.try_get_context("stage") or "dev"
    data = DataStack(app, f"OmnihubData-{stage}")
    HubStack(
        app,
        f"Omnihub-{stage}",
        data,
        issuer=app.node.try_get_context("issuer") or ISSUER,
        audience=list(channels.clients()),
    )
    app.synth()


if __name__ == "__main__":
    main()

"""Which hub a command works on: the one that runs in this folder, or a stage on AWS; its clients and its outputs."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from cli.say import STATE, refuse
from local import issuer
from local.pretend import pretend

PATIENCE = 1  # seconds in which all the machines that a queue of AWS is spread over say what they hold


@dataclass(frozen=True)
class Account:
    """Where AWS's API answers for a hub, as what a sentence calls it, and the outputs of its stacks."""

    name: str
    client: Callable[[str], Any]
    outputs: Mapping[str, str]
    patience: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)  # by which boto3 finds it; empty: as it does anyway

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Inside the block, an account that does not answer, or refuses, ends the command with a sentence."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except BotoCoreError as away:
            refuse(f"{self.name} does not answer: {away}", "make run (in another terminal)")
        except ClientError as refused:
            refuse(f"{self.name} refused: {refused}", "ask who runs the account for that right")

    def output(self, name: str) -> str:
        """An output of its stacks."""
        if name not in self.outputs:
            refuse(f"{self.name} has no output {name}: it is older than this command.", "deploy or start it again")
        return self.outputs[name]


def chosen(stage: str | None) -> Account:
    """The stage's, by ordinary credentials; without one that of the hub of this folder."""
    return _of_stage(stage) if stage else _here()


def _here() -> Account:
    try:
        known = json.loads((STATE / issuer.HUB_FILE).read_text("utf-8"))
    except FileNotFoundError:
        refuse("No hub has run in this folder yet.", "make run (in another terminal), or name a stage: --stage prod")

    @cache
    def client(service: str) -> Any:
        import boto3  # a third of a second, which no other command should wait for

        with pretend():  # what is set up for real AWS must not leak in
            return boto3.Session().client(service, endpoint_url=known["url"])  # type: ignore[call-overload]

    reached = {"AWS_ENDPOINT_URL": known["url"], "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false"}
    return Account(f"The hub at {known['url']}", client, known["outputs"], environment=reached)


def _of_stage(stage: str) -> Account:
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    session = boto3.Session()
    outputs: dict[str, str] = {}
    for name in (f"OmnihubData-{stage}", f"Omnihub-{stage}"):
        try:
            (stack,) = session.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        except (BotoCoreError, ClientError) as wrong:
            refuse(f"The stack {name} cannot be read: {wrong}", "aws sts get-caller-identity (who and where you are)")
        outputs |= {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    return Account(f"The stage {stage}", cache(session.client), outputs, PATIENCE)

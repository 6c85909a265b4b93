"""From the synthesized templates to a running set of resources: each type is created or ignored, never overlooked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local import assembly, create, create_functions
from local.blueprint import Blueprint
from local.create import Made, Making
from local.pretend import ACCOUNT, REGION, arn
from local.resolve import CannotResolve, Resolver

CREATED: dict[str, Callable[[Making, dict[str, Any]], Made]] = {
    "AWS::ApiGatewayV2::Api": create_functions.api,
    "AWS::ApiGatewayV2::Authorizer": create_functions.authorizer,
    "AWS::ApiGatewayV2::Integration": create_functions.integration,
    "AWS::ApiGatewayV2::Route": create_functions.route,
    "AWS::ApiGatewayV2::Stage": create_functions.stage,
    "AWS::DynamoDB::GlobalTable": create.table,
    "AWS::DynamoDB::Table": create.table,
    "AWS::Events::Archive": create.archive,
    "AWS::Events::EventBus": create.bus,
    "AWS::Events::Rule": create.rule,
    "AWS::Lambda::Alias": create_functions.alias,
    "AWS::Lambda::EventInvokeConfig": create_functions.async_rules,
    "AWS::Lambda::EventSourceMapping": create_functions.event_source,
    "AWS::Lambda::Function": create_functions.function,
    "AWS::Lambda::Version": create_functions.version,
    "AWS::Logs::LogGroup": create.log_group,
    "AWS::S3::Bucket": create.bucket,
    "AWS::SNS::Subscription": create.subscription,
    "AWS::SNS::Topic": create.topic,
    "AWS::SQS::Queue": create.queue,
    "AWS::SecretsManager::Secret": create.secret,
    "AWS::StepFunctions::StateMachine": create_functions.machine,
}

# Not run here, on purpose. A `Ref` to one gives the property named here, or else its logical id.
IGNORED: dict[str, str] = {
    "AWS::ApiGatewayV2::ApiMapping": "",
    "AWS::ApiGatewayV2::DomainName": "DomainName",
    "AWS::Backup::BackupPlan": "",
    "AWS::Backup::BackupSelection": "",
    "AWS::Backup::BackupVault": "BackupVaultName",
    "AWS::CDK::Metadata": "",
    "AWS::CertificateManager::Certificate": "",
    "AWS::CloudFront::Distribution": "",
    "AWS::CloudFormation::CustomResource": "",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::CompositeAlarm": "AlarmName",
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::Cognito::ManagedLoginBranding": "",
    "AWS::Cognito::UserPool": "UserPoolName",
    "AWS::Cognito::UserPoolClient": "ClientName",
    "AWS::Cognito::UserPoolDomain": "Domain",
    "AWS::Cognito::UserPoolGroup": "GroupName",
    "AWS::Cognito::UserPoolResourceServer": "Identifier",
    "AWS::Events::EventBusPolicy": "",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Policy": "PolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::KMS::Key": "",
    "AWS::Lambda::LayerVersion": "LayerName",
    "AWS::Lambda::LayerVersionPermission": "",
    "AWS::Lambda::Permission": "",
    "AWS::Logs::MetricFilter": "",
    "AWS::Logs::QueryDefinition": "",
    "AWS::Logs::ResourcePolicy": "",
    "AWS::Logs::SubscriptionFilter": "",
    "AWS::S3::BucketPolicy": "",
    "AWS::SNS::TopicPolicy": "",
    "AWS::SQS::QueuePolicy": "",
    "AWS::WAFv2::WebACL": "Name",
    "AWS::WAFv2::WebACLAssociation": "",
    "Custom::AWS": "",
    "Custom::CloudwatchLogResourcePolicy": "",
    "Custom::LogRetention": "",
    "Custom::S3AutoDeleteObjects": "",
}


class UnknownType(CannotResolve):
    """A resource type that is neither created nor ignored."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"local/template.py does not know {kind}; add it to CREATED or IGNORED.")


def deploy(out: Path, url: str) -> Blueprint:
    """Create every resource of every stack in `out`, in dependency order."""
    blueprint = Blueprint(url)
    exports: dict[str, Any] = {}
    for file in assembly.read(out):
        Stack(file, blueprint, exports).create_all()
    return blueprint


@dataclass
class Stack:
    """One stack while it is created; a resource is made when it is first asked for."""

    file: assembly.StackFile
    blueprint: Blueprint
    exports: dict[str, Any]
    made: dict[str, Made] = field(default_factory=dict)
    _making: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.name = self.file.name
        self.template: Mapping[str, Any] = self.file.template
        self.resolve = Resolver(self)

    def create_all(self) -> None:
        """Create the resources, then hand out what the stack exports."""
        for logical_id, resource in self.template.get("Resources", {}).items():
            if "Condition" not in resource or self.resolve.holds(resource["Condition"]):
                self.resource(logical_id)
        for name, output in self.template.get("Outputs", {}).items():
            if "Condition" in output and not self.resolve.holds(output["Condition"]):
                continue
            value = self.blueprint.outputs[name] = self.resolve(output["Value"])
            if "Export" in output:
                self.exports[self.resolve(output["Export"]["Name"])] = value

    def resource(self, logical_id: str) -> Made:
        """The resource, created now if it is not there yet."""
        if logical_id in self.made:
            return self.made[logical_id]
        if logical_id not in self.template.get("Resources", {}):
            raise CannotResolve(f"Stack {self.name} refers to {logical_id}, which it does not define.")
        if logical_id in self._making:
            raise CannotResolve(f"Stack {self.name} has a circle: {' -> '.join([*self._making, logical_id])}.")
        self._making.append(logical_id)
        made = self.made[logical_id] = self._create(logical_id, self.template["Resources"][logical_id])
        self._making.pop()
        return made

    def _create(self, logical_id: str, resource: Mapping[str, Any]) -> Made:
        kind = resource["Type"]
        if kind in IGNORED:
            # Only the name is evaluated: what an ignored resource says may be anything.
            given = self.resolve(resource.get("Properties", {}).get(IGNORED[kind]))
            return _stand_in(kind, str(given or logical_id))
        if kind not in CREATED:
            raise UnknownType(kind)
        properties = self.resolve(resource.get("Properties", {}))
        return CREATED[kind](Making(self.file, logical_id, self.blueprint), properties)

    def ref(self, logical_id: str) -> Any:
        """`Ref`."""
        return self.resource(logical_id).ref

    def attribute(self, logical_id: str, name: str) -> Any:
        """`Fn::GetAtt`."""
        made = self.resource(logical_id)
        if name in made.attributes:
            return made.attributes[name]
        if made.stand_in:
            return f"{made.ref}.{name}"
        kind = self.template["Resources"][logical_id]["Type"]
        raise CannotResolve(f"{CREATED[kind].__module__} gives {kind} no attribute {name}; add it where it is made.")

    def imported(self, export: str) -> Any:
        """`Fn::ImportValue`."""
        if export not in self.exports:
            raise CannotResolve(f"Stack {self.name} imports {export}, which no stack before it exports.")
        return self.exports[export]


def _stand_in(kind: str, name: str) -> Made:
    service = kind.split("::")[1].lower()
    arns = {
        "AWS::IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/{name}",
        "AWS::Cognito::UserPool": arn("cognito-idp", f"userpool/{name}"),
        "AWS::KMS::Key": arn("kms", f"key/{name}"),
    }
    attributes = {"Arn": arns.get(kind, arn(service, name))}
    if kind == "AWS::Cognito::UserPool":
        attributes["ProviderURL"] = f"https://cognito-idp.{REGION}.amazonaws.com/{name}"
    return Made(name, attributes, stand_in=True)

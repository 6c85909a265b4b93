"""The edge: an HTTP API with one greedy, authorised route per TM Forum base path."""

import json
from collections.abc import Mapping

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_apigatewayv2 as api
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk.aws_apigatewayv2_authorizers import HttpJwtAuthorizer
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from infra.accept import accept
from infra.log import log
from infra.stages import Front, Stage

# The route and not the path, no query, no address: ids and what people typed are personal.
LOGGED = {
    "at": "$context.requestTime",
    "id": "$context.requestId",
    "route": "$context.routeKey",
    "status": "$context.status",
    "milliseconds": "$context.responseLatency",
    "bytes": "$context.responseLength",
    "client": "$context.authorizer.claims.client_id",
    "gateway": "$context.error.responseType",
    "function": "$context.integration.status",
}


class Edge(Construct):
    """Path -> the function that answers it."""

    def __init__(
        self,
        scope: Construct,
        stage: Stage,
        *,
        issuer: str,
        audience: list[str],
        routes: Mapping[str, lambda_.Function],
    ) -> None:
        super().__init__(scope, "Edge")
        self.api = api.HttpApi(
            self,
            "Api",
            default_authorizer=HttpJwtAuthorizer("Tokens", issuer, jwt_audience=audience),
            create_default_stage=False,
            disable_execute_api_endpoint=stage.front is not None,
        )
        made = self._stage(stage)
        integrations = {function: self._integration(function) for function in dict.fromkeys(routes.values())}
        for path, function in routes.items():
            self.api.add_routes(path=path, methods=[api.HttpMethod.ANY], integration=integrations[function])
        address = f"https://{stage.front.domain}" if stage.front else self.api.api_endpoint
        CfnOutput(scope, "Url", value=address, description="The address of the hub")
        if stage.front:
            self._behind(stage.front, made)

    def _integration(self, function: lambda_.Function) -> HttpLambdaIntegration:
        """The API calls a published version by its alias: only such a one has a snapshot to start from."""
        name = function.node.id
        accept(function, "Serverless-LambdaDLQ", "The API calls it and answers its caller, also where it fails.")
        live = lambda_.Alias(self, f"{name}Live", alias_name="live", version=function.current_version)
        gives_up = function.timeout or Duration.seconds(3)  # Lambda's own, where a function says nothing
        return HttpLambdaIntegration(f"To{name}", live, timeout=gives_up.plus(Duration.seconds(3)))

    def _behind(self, front: Front, stage: api.HttpStage) -> None:
        """The one address that is left asks for a client certificate, which CloudFront alone holds."""
        bucket, _, key = front.truststore.removeprefix("s3://").partition("/")
        origin = api.DomainName(
            self,
            "Origin",
            domain_name=front.origin,
            certificate=acm.Certificate.from_certificate_arn(self, "Certificate", front.origin_certificate),
            security_policy=api.SecurityPolicy.TLS_1_2,
            mtls=api.MTLSConfig(bucket=s3.Bucket.from_bucket_name(self, "Truststore", bucket), key=key),
        )
        api.ApiMapping(self, "Mapping", api=self.api, domain_name=origin, stage=stage)
        CfnOutput(Stack.of(self), "PointTheOriginTo", value=origin.regional_domain_name)

    def _stage(self, stage: Stage) -> api.HttpStage:
        written = log(self, "Access", stage)
        made = api.HttpStage(
            self,
            "Stage",
            http_api=self.api,
            stage_name="$default",
            auto_deploy=True,
            throttle=api.ThrottleSettings(rate_limit=stage.requests_per_second, burst_limit=stage.burst),
        )
        cfn = made.node.default_child
        assert isinstance(cfn, api.CfnStage)  # noqa: S101  HttpStage wants an interface that Python would implement
        cfn.access_log_settings = api.CfnStage.AccessLogSettingsProperty(
            destination_arn=written.log_group_arn, format=json.dumps(LOGGED)
        )
        return made

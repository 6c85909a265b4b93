"""The edge: an HTTP API with one greedy, authorised route per TM Forum base path."""

from collections.abc import Mapping

from aws_cdk import CfnOutput
from aws_cdk import aws_apigatewayv2 as api
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_apigatewayv2_authorizers import HttpJwtAuthorizer
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct


class Edge(Construct):
    """Path -> the function that answers it."""

    def __init__(
        self, scope: Construct, *, issuer: str, audience: list[str], routes: Mapping[str, lambda_.IFunction]
    ) -> None:
        super().__init__(scope, "Edge")
        self.api = api.HttpApi(
            self,
            "Api",
            default_authorizer=HttpJwtAuthorizer("Tokens", issuer, jwt_audience=audience),
        )
        integrations = {fn: HttpLambdaIntegration(f"To{fn.node.id}", fn) for fn in dict.fromkeys(routes.values())}
        for path, function in routes.items():
            self.api.add_routes(path=path, methods=[api.HttpMethod.ANY], integration=integrations[function])
        CfnOutput(scope, "Url", value=self.api.api_endpoint, description="The address of the hub")

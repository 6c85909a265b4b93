"""Who signs in and how: a pool of logins, an app client per channel, a group per role, and a scope per machine's role.

Without it (`-c issuer=…`) the telco's own identity provider issues the tokens, whose clients have the channels' names.
"""

from collections.abc import Mapping

from aws_cdk import Aws, CfnOutput, Duration
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra import channels
from infra.accept import accept
from infra.data_stack import DataStack
from infra.stages import Stage

PEOPLE = ("customer", "agent", "partner", "operator")


class Identity(Construct):
    """The pool; `clients` are the ids of its app clients by the channels' names."""

    def __init__(self, scope: Construct, data: DataStack, stage: Stage, claims: lambda_.Function) -> None:
        super().__init__(scope, "Identity")
        self.stage = stage
        self.pool = self._pool(data)
        self.pool.add_trigger(cognito.UserPoolOperation.PRE_TOKEN_GENERATION_CONFIG, claims, cognito.LambdaVersion.V3_0)
        accept(claims, "Serverless-LambdaDLQ", "Cognito calls it and waits: where it fails, nobody signs in.")
        for role in PEOPLE:
            cognito.CfnUserPoolGroup(
                self, f"{role.capitalize()}s", user_pool_id=self.pool.user_pool_id, group_name=role
            )
        domain = cognito.CognitoDomainOptions(domain_prefix=f"omnihub-{stage.name}-{Aws.ACCOUNT_ID}")
        CfnOutput(scope, "SignIn", value=self.pool.add_domain("Domain", cognito_domain=domain).base_url())
        self.clients = {**self._for_people(), **self._for_machines()}

    @property
    def issuer(self) -> str:
        """Whose tokens the API admits."""
        return self.pool.user_pool_provider_url

    def _pool(self, data: DataStack) -> cognito.UserPool:
        pool = cognito.UserPool(
            self,
            "Logins",
            feature_plan=cognito.FeaturePlan.ESSENTIALS,  # which lets a function add to access tokens
            self_sign_up_enabled=False,
            sign_in_aliases=cognito.SignInAliases(email=True),
            mfa=cognito.Mfa.OPTIONAL,
            mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False),
            password_policy=cognito.PasswordPolicy(
                min_length=12, require_digits=True, require_lowercase=True, require_uppercase=True, require_symbols=True
            ),
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            deletion_protection=self.stage.keeps_data,
            removal_policy=data.removal,
        )
        accept(pool, "AwsSolutions-COG2", "Customers choose a second factor; a television has none to ask for.")
        accept(pool, "AwsSolutions-COG8", "Threat protection is the Plus plan, which costs by each active login.")
        return pool

    def _for_people(self) -> Mapping[str, str]:
        """A public client per channel in which people sign in: it holds no secret, and proves itself by PKCE."""
        found = {}
        for name, facts in channels.people().items():
            back = self.stage.signed_in.format(brand=facts["brand"], channel=facts["id"])
            client = self.pool.add_client(
                name,
                user_pool_client_name=name,
                auth_flows=cognito.AuthFlow(user_srp=True),
                o_auth=cognito.OAuthSettings(
                    flows=cognito.OAuthFlows(authorization_code_grant=True),
                    scopes=[cognito.OAuthScope.OPENID],
                    callback_urls=[back],
                    logout_urls=[back],
                ),
                prevent_user_existence_errors=True,
                access_token_validity=Duration.hours(1),
            )
            found[name] = client.user_pool_client_id
        return found

    def _for_machines(self) -> Mapping[str, str]:
        """A client with a secret per channel for whoever is no person: guests' pages, partners' and own systems."""
        roles = sorted({role for facts in channels.machines().values() for role in facts["roles"]})
        scopes = {role: cognito.ResourceServerScope(scope_name=role, scope_description=role) for role in roles}
        server = self.pool.add_resource_server("Scopes", identifier="omnihub", scopes=list(scopes.values()))
        found = {}
        for name, facts in channels.machines().items():
            allowed = [cognito.OAuthScope.resource_server(server, scopes[role]) for role in facts["roles"]]
            client = self.pool.add_client(
                name,
                user_pool_client_name=name,
                generate_secret=True,
                o_auth=cognito.OAuthSettings(flows=cognito.OAuthFlows(client_credentials=True), scopes=allowed),
                access_token_validity=Duration.hours(1),
            )
            found[name] = client.user_pool_client_id
        return found

"""Who signs in: a client per channel that can do what its channel's roles need, and a function that adds the claims."""

import json
from pathlib import Path
from typing import Any

from functions.shared.access import ROLES
from infra import channels
from local.authorizer import as_context
from local.issuer import MACHINES, PEOPLE
from tests.infra.stacks import Stacks
from tests.infra.synth import run


def _clients(stacks: Stacks) -> dict[str, Any]:
    found = stacks.of("AWS::Cognito::UserPoolClient").values()
    return {each["Properties"]["ClientName"]: each["Properties"] for each in found}


def test_each_channel_has_a_client_for_people_that_holds_no_secret(stacks: Stacks) -> None:
    for name in channels.people():
        client = _clients(stacks)[name]
        assert client["AllowedOAuthFlows"] == ["code"], name
        assert client["AllowedOAuthScopes"] == ["openid"], name
        assert not client.get("GenerateSecret"), name
        assert all(address.startswith("https://") for address in client["CallbackURLs"]), name
        assert client["ExplicitAuthFlows"] == ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"], name


def test_a_machine_signs_in_with_a_secret_and_gets_the_scopes_of_its_channel_alone(stacks: Stacks) -> None:
    assert _clients(stacks).keys() == channels.clients().keys()
    for name, facts in channels.machines().items():
        client = _clients(stacks)[name]
        assert (client["AllowedOAuthFlows"], client["GenerateSecret"]) == (["client_credentials"], True), name
        scopes = [_scope(each) for each in client["AllowedOAuthScopes"]]
        assert scopes == [f"/{role}" for role in facts["roles"]], name


def _scope(value: Any) -> str:
    return str(value["Fn::Join"][1][-1])


def test_every_role_is_a_group_or_a_scope_as_the_local_issuer_has_it(stacks: Stacks) -> None:
    groups = {each["Properties"]["GroupName"] for each in stacks.of("AWS::Cognito::UserPoolGroup").values()}
    (server,) = stacks.of("AWS::Cognito::UserPoolResourceServer").values()
    scopes = {scope["ScopeName"] for scope in server["Properties"]["Scopes"]}
    assert server["Properties"]["Identifier"] == "omnihub"
    assert (groups, scopes) == (set(PEOPLE), set(MACHINES))
    assert groups | scopes == set(ROLES)


def test_the_pool_lets_staff_make_logins_and_asks_for_good_passwords(stacks: Stacks) -> None:
    (pool,) = (each["Properties"] for each in stacks.of("AWS::Cognito::UserPool").values())
    assert pool["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert pool["UserPoolTier"] == "ESSENTIALS"
    assert (pool["MfaConfiguration"], pool["EnabledMfas"]) == ("OPTIONAL", ["SOFTWARE_TOKEN_MFA"])
    policy = pool["Policies"]["PasswordPolicy"]
    assert policy["MinimumLength"] >= 12
    assert all(policy[f"Require{kind}"] for kind in ("Lowercase", "Uppercase", "Numbers", "Symbols"))


def test_the_pool_asks_our_function_for_the_claims(stacks: Stacks) -> None:
    (pool,) = (each["Properties"] for each in stacks.of("AWS::Cognito::UserPool").values())
    asked = pool["LambdaConfig"]["PreTokenGenerationConfig"]
    function = stacks.function(asked["LambdaArn"])
    assert function is not None
    assert (function.name, asked["LambdaVersion"]) == ("customer.claims", "V3_0")
    assert json.loads(function.variables["BRANDS"]) == list(channels.BRANDS)


def test_the_functions_variables_leave_room_for_more_channels(stacks: Stacks) -> None:
    """Lambda takes 4 KB of them; an app client's id has 26 characters."""
    for function in stacks.functions:
        room = 4096 - sum(len(name) + _length(value, stacks) for name, value in function.variables.items())
        assert room > 200, f"{function.name}: {room} bytes are left"


def _length(value: Any, stacks: Stacks) -> int:
    if isinstance(value, str):
        return len(value)
    if "Fn::Join" in value:
        return sum(_length(part, stacks) for part in value["Fn::Join"][1])
    is_client = value.get("Ref") in stacks.of("AWS::Cognito::UserPoolClient")
    return 26 if is_client else 80


def test_with_an_identity_provider_of_the_telcos_own_there_is_no_pool(tmp_path: Path) -> None:
    asked = {
        "CDK_CONTEXT_JSON": json.dumps({"issuer": "https://login.example.com"}),
        "CDK_OUTDIR": str(tmp_path / "out"),
    }
    ran = run("infra.app", **asked)
    assert ran.returncode == 0, ran.stderr
    stacks = Stacks(tmp_path / "out")
    assert not [each["Type"] for each in stacks.resources.values() if "Cognito" in each["Type"]]
    (authorizer,) = stacks.of("AWS::ApiGatewayV2::Authorizer").values()
    token = authorizer["Properties"]["JwtConfiguration"]
    assert (token["Issuer"], sorted(token["Audience"])) == ("https://login.example.com", sorted(channels.clients()))


def test_a_gateway_hands_claims_on_as_they_are_read() -> None:
    claims = as_context({"cognito:groups": ["agent", "operator"], "exp": 1}, ())["jwt"]["claims"]
    assert claims == {"cognito:groups": "[agent operator]", "exp": "1"}

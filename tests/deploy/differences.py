"""In what ministack differs from AWS: each check that it cannot pass, and why. Nothing else is excused.

An excused check runs all the same and must fail: one that passes is red, since the difference is gone.
"""

POOL = "Its user pools do not say their ProviderURL, so the check brings an identity provider of its own."
DIFFERENCES = {
    **{
        f"test_every_kind_of_resource_is_deployed[AWS::Cognito::{kind}]": POOL
        for kind in ("UserPool", "UserPoolClient", "UserPoolDomain", "UserPoolGroup", "UserPoolResourceServer")
    },
    "test_every_kind_of_resource_is_deployed[AWS::Events::Archive]": (
        "It has no archives; `-c target=ministack` leaves ours out."
    ),
    "test_an_order_waits_for_a_slow_network": (
        "It gives every exception of a function the errorType Runtime.HandlerError, so no state machine can tell "
        "StillWorking from the rest."
    ),
    "test_a_record_that_cannot_be_published_does_not_hold_up_the_next": (
        "It neither bisects a stream's batch nor gives up after the retries, so what comes behind waits for ever."
    ),
}

"""What stands before the API where a stage has a domain: CloudFront with a web ACL. us-east-1 is where AWS wants it."""

from typing import Any

from aws_cdk import CfnOutput, Environment, Stack
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from infra.accept import accept
from infra.stages import Front

# AWS's own lists. The one for web pages is not among them: it refuses bodies of 8 KB, and an order may be larger.
LISTS = ("AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesKnownBadInputsRuleSet")


class FrontStack(Stack):
    """The domain that channels call; nothing is kept here, and nothing in the other stacks waits for it."""

    def __init__(self, scope: Construct, id_: str, front: Front) -> None:
        super().__init__(scope, id_, env=Environment(region="us-east-1"))
        made = cloudfront.Distribution(
            self,
            "Front",
            domain_names=[front.domain],
            certificate=acm.Certificate.from_certificate_arn(self, "Certificate", front.certificate),
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
            web_acl_id=self._web_acl(front).attr_arn,
            default_behavior=cloudfront.BehaviorOptions(
                origin=origins.HttpOrigin(
                    front.origin,
                    protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
                    origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
                ),
                allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
                cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
                origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
            ),
        )
        cfn = made.node.default_child
        assert isinstance(cfn, cloudfront.CfnDistribution)  # noqa: S101  origins have no word for it yet
        shown = {"ClientCertificateArn": front.client_certificate}
        cfn.add_property_override("DistributionConfig.Origins.0.CustomOriginConfig.OriginMtlsConfig", shown)
        accept(made, "AwsSolutions-CFR1", "A token says the market; customers are served wherever they travel.")
        accept(made, "AwsSolutions-CFR3", "It would log paths, queries and addresses; the API logs each route.")
        CfnOutput(self, "PointTheDomainTo", value=made.distribution_domain_name)

    def _web_acl(self, front: Front) -> waf.CfnWebACL:
        by_address = waf.CfnWebACL.RateBasedStatementProperty(
            aggregate_key_type="IP", limit=front.requests_per_address, evaluation_window_sec=300
        )
        rules = [_rule("Rate", 0, action={"block": {}}, statement={"rateBasedStatement": by_address})]
        for priority, name in enumerate(LISTS, 1):
            listed = {"managedRuleGroupStatement": {"vendorName": "AWS", "name": name}}
            rules.append(_rule(name, priority, override_action={"none": {}}, statement=listed))
        return waf.CfnWebACL(
            self,
            "Acl",
            scope="CLOUDFRONT",
            default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_seen("Acl"),
            rules=rules,
        )


def _rule(name: str, priority: int, **more: Any) -> waf.CfnWebACL.RuleProperty:
    return waf.CfnWebACL.RuleProperty(name=name, priority=priority, visibility_config=_seen(name), **more)


def _seen(name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    """Counted, but no request is sampled: a sample would hold its path and its token."""
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
    )

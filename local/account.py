"""The hub's account of AWS on loopback, for any SDK and the `aws` command line: `AWS_ENDPOINT_URL=http://127.0.0.1:…`.

A signed request is one whose Authorization says AWS4-HMAC-SHA256, which no token of a channel does: so the account
needs no port and no path of its own. It asks for no password: who speaks to it must be a program on this machine.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Any

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from moto.core.models import botocore_stubber

from local.http_event import Request, Response

SIGNED = re.compile(r"AWS4-HMAC-SHA256 .*?Credential=[^/,]+/\d{8}/(?P<region>[a-z0-9-]+)/(?P<service>[a-z0-9-]+)/")
STREAMS = "DynamoDBStreams"  # signed as DynamoDB, and answered elsewhere
LARGEST_BODY = 512 * 1024 * 1024  # an object of S3 may be larger; the file of a catalog of 100,000 offerings is 50 MB
OURS = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?")


def trusted(request: Request) -> bool:
    """Whether this comes from a program on this machine; a page of the web has an origin, or a host name of its own."""
    headers = request.joined_headers
    from_page = {"origin", "referer", "sec-fetch-site"} & headers.keys()
    return ip_address(request.address).is_loopback and not from_page and bool(OURS.fullmatch(headers.get("host", "")))


def signed(authorization: str | None) -> re.Match[str] | None:
    """The region and service that a request is signed for; None where it is not one to AWS."""
    return SIGNED.match(authorization or "")


def answer(request: Request) -> Response | None:
    """What AWS answers to that request; None where it is not one to AWS."""
    headers = request.joined_headers
    scope = signed(headers.get("authorization"))
    if scope is None:
        return None
    if not trusted(request):
        return Response.message(403, "The local account is for programs on this machine alone.")
    service = f"streams.{scope['service']}" if STREAMS in headers.get("x-amz-target", "") else scope["service"]
    made = HTTPHeaders()
    for name, value in request.headers:
        if name.lower() != "host":
            made[name] = value
    url = f"https://{service}.{scope['region']}.amazonaws.com{request.target}"
    found = _answered(AWSPreparedRequest(request.method, url, made, request.body, stream_output=False))
    if found is None:
        return Response(501, f"<html>The local account has no service {service}.</html>".encode())  # SDKs read this
    status, told, body = found
    given = [(str(name).lower(), str(value)) for name, value in dict(told).items()]
    return Response(status, body.encode() if isinstance(body, str) else bytes(body), given)


def _answered(request: AWSPreparedRequest) -> Any:
    """moto's status, headers and body; None for a service that it does not have, or not in our environment."""
    try:
        return botocore_stubber.process_request(request)
    except ImportError:
        return None

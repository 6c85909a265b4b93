"""EventBridge: moto matches events and rules, the hub sends them to the targets, again if need be."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

from botocore.exceptions import ClientError
from moto.events.models import Rule
from moto.sns.models import Subscription

from local.deliver import CannotDeliver, Delivery
from local.functions import UnknownFunction
from local.pretend import REGION
from local.transform import input_for

MOST_TRIES = 5  # EventBridge tries for a day; what has failed five times here will not get better
PAUSE = 1.0  # seconds before the first retry

_moto_sends: Callable[..., None] = Rule.send_to_targets
_moto_publishes: Callable[..., None] = Subscription.publish


class Bus:
    """Sends what matches a rule to the rule's targets."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Inside the block, moto's rules and topics reach functions, machines, topics and queues through us.

        moto's own send_to_targets knows queues and log groups only; its topics invoke functions in Docker.
        """
        bus = self

        def send(rule: Rule, event: Any, transform_input: bool = True) -> None:  # noqa: FBT001, FBT002 - moto's signature
            bus.send(rule, event, transforms=transform_input)

        def publish(subscription: Subscription, message: str, message_id: str, *rest: Any, **named: Any) -> None:
            if subscription.protocol == "lambda":
                bus.notify(subscription, message, message_id, named)
            else:
                _moto_publishes(subscription, message, message_id, *rest, **named)

        with patch.object(Rule, "send_to_targets", send), patch.object(Subscription, "publish", publish):
            yield

    def send(self, rule: Rule, event: Any, *, transforms: bool = True) -> None:
        """Called by moto for every event and rule, before `put_events` answers."""
        if rule.state != "ENABLED" or not rule.event_pattern.matches_event(event):
            return
        ours = [target for target in rule.targets if target["Arn"].split(":")[2] not in ("logs", "events")]
        others = [target for target in rule.targets if target not in ours]
        if others:  # log groups, archives and other buses are moto's own business
            rest = copy.copy(rule)
            rest.targets = others
            _moto_sends(rest, event, transform_input=transforms)
        seen = _as_targets_see(event)
        for target in ours:
            self.dispatch(rule.arn, target, seen)

    def dispatch(self, rule_arn: str, target: dict[str, Any], event: dict[str, Any], tried: int = 0) -> None:
        """Hand the event to one target from a worker thread."""
        pause = PAUSE * 2 ** (tried - 1) * self._delivery.haste if tried else 0.0
        what = f"event for {target['Arn'].rpartition(':')[2]}"
        self._delivery.workers.submit(what, lambda: self._try(rule_arn, target, event, tried), pause)

    def _try(self, rule_arn: str, target: dict[str, Any], event: dict[str, Any], tried: int) -> None:
        body = input_for(target, event, rule_arn)
        group = target.get("SqsParameters", {}).get("MessageGroupId")
        try:
            self._delivery.hand_over(target["Arn"], body, name=str(event.get("id", "")), group=group)
        except (ClientError, CannotDeliver, UnknownFunction) as refused:
            most = min(int(target.get("RetryPolicy", {}).get("MaximumRetryAttempts", MOST_TRIES)), MOST_TRIES)
            if tried < most:
                self.dispatch(rule_arn, target, event, tried + 1)
            else:
                self._give_up(rule_arn, target, body, refused)

    def _give_up(self, rule_arn: str, target: dict[str, Any], body: str, refused: Exception) -> None:
        place = target.get("DeadLetterConfig", {}).get("Arn")
        if place is None:
            raise refused
        code = refused.response["Error"]["Code"] if isinstance(refused, ClientError) else type(refused).__name__
        attributes = {
            "RULE_ARN": rule_arn,
            "TARGET_ARN": target["Arn"],
            "ERROR_CODE": code,
            "ERROR_MESSAGE": str(refused)[:1024],
            "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
        }
        self._delivery.enqueue(place, body, attributes=attributes)

    def notify(self, subscription: Subscription, message: str, message_id: str, named: dict[str, Any]) -> None:
        """A message of a topic for a function that has subscribed."""
        attributes = named.get("message_attributes") or {}
        matcher = subscription._filter_policy_matcher
        if matcher is not None and not matcher.matches(attributes, message):
            return
        said = {
            "Type": "Notification",
            "MessageId": message_id,
            "TopicArn": subscription.topic_arn,
            "Subject": named.get("subject"),
            "Message": message,
            "Timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "MessageAttributes": json.loads(json.dumps(attributes, default=str)),
        }
        source = {"EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": subscription.arn}
        self._delivery.invoke(subscription.endpoint, {"Records": [{**source, "Sns": said}]})


def _as_targets_see(event: Any) -> dict[str, Any]:
    seen = {name: value for name, value in event.items() if name != "ingestion-time"}
    at = seen.get("time")
    if isinstance(at, (int, float)):
        at = datetime.fromtimestamp(at, UTC)
    if isinstance(at, datetime):
        at = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return json.loads(json.dumps({**seen, "time": at, "region": seen.get("region", REGION)}))  # type: ignore[no-any-return]

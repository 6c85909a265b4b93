"""The hub around the data: functions, edge, bus, workflow. Everything here can be made anew."""

import json

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra import channels
from infra.alarms import Alarms
from infra.api import Edge
from infra.data_stack import DataStack
from infra.events import ORDERED, Bus
from infra.fulfilment import STARTED_WITH, Fulfilment
from infra.functions import Functions
from infra.identity import Identity
from infra.stages import Stage
from infra.subscriptions import Subscriptions

ORDER_EVENTS = [ORDERED, "ProductOrderStateChangeEvent"]

TIMELINE = [
    *ORDER_EVENTS,
    "ShoppingCartCreateEvent",
    "ShoppingCartAttributeValueChangeEvent",
    "CommunicationMessageCreateEvent",
    "ProductOfferingViewEvent",
]
# Each page of a price rise's walk is such an event, and the page after follows from it.
RISES = ["PriceRiseCreateEvent", "PriceRiseAttributeValueChangeEvent", "PriceRiseStateChangeEvent"]
# Every API's subscriptions have one function, by routes more specific than the APIs' own.
HUBS = [
    *(
        f"/tmf-api/{api}/v4"
        for api in (
            "productCatalogManagement",
            "productOrderingManagement",
            "customerManagement",
            "party",
            "productInventory",
            "shoppingCart",
            "promotionManagement",
            "productOfferingQualification",
            "communicationManagement",
            "partyInteraction",
        )
    ),
    "/omnihub/v1",
]


class HubStack(Stack):
    """Everything that answers and follows."""

    def __init__(self, scope: Construct, id_: str, data: DataStack, stage: Stage, *, issuer: str | None = None) -> None:
        super().__init__(scope, id_)
        make = Functions(self, data, {"POWERTOOLS_SERVICE_NAME": "omnihub"}).function
        clients = {name: name for name in channels.clients()}
        if issuer is None:
            claims = make("customer.claims", seconds=5, settings={"BRANDS": json.dumps(list(channels.BRANDS))})
            logins = Identity(self, data, stage, claims)
            issuer, clients = logins.issuer, logins.clients
        identity = {"CHANNELS": channels.setting(clients), "ISSUERS": json.dumps([issuer])}

        catalog = make("catalog.handler", seconds=20, settings=identity)
        customer = make("customer.handler", settings=identity)
        interaction = make("interaction.handler", settings=identity)
        inventory = make("inventory.handler", settings=identity)
        cart = make("cart.handler", settings=identity)
        offer = make("offer.handler", settings=identity)
        order = make("order.handler", settings=identity)
        subscription = make("subscription.handler", settings=identity)
        publish = make("events.publish", seconds=30)
        confirm = make("events.confirm", seconds=30)
        remember = make("events.remember", seconds=30)
        fulfil = make("events.fulfil", seconds=60)
        rise = make("events.rise", seconds=60)
        subscribe = make("events.subscribe", seconds=30)
        notify = make("events.notify", seconds=30)
        deliver = make("events.deliver", seconds=15, reserved=stage.deliveries)

        base = "/tmf-api/{}/v4/{{proxy+}}".format
        Edge(
            self,
            stage,
            issuer=issuer,
            audience=list(clients.values()),
            routes={
                base("productCatalogManagement"): catalog,
                base("promotionManagement"): catalog,
                "/omnihub/v1/catalogPublication": catalog,
                "/omnihub/v1/catalogPublication/{proxy+}": catalog,
                "/omnihub/v1/catalogPreview/{proxy+}": catalog,
                "/omnihub/v1/catalogCheck": catalog,
                "/omnihub/v1/catalogCheck/{proxy+}": catalog,
                "/omnihub/v1/catalogVersion": catalog,
                "/omnihub/v1/catalogVersion/{proxy+}": catalog,
                base("customerManagement"): customer,
                base("party"): customer,
                "/omnihub/v1/billingAccount": customer,
                "/omnihub/v1/billingAccount/{proxy+}": customer,
                "/omnihub/v1/grant": customer,
                "/omnihub/v1/grant/{proxy+}": customer,
                "/omnihub/v1/accessRecord": customer,
                base("shoppingCart"): cart,
                "/omnihub/v1/cartMerge": cart,
                base("productOfferingQualification"): offer,
                "/omnihub/v1/offer": offer,
                "/omnihub/v1/cartPromotion": offer,
                "/omnihub/v1/cartPromotion/{proxy+}": offer,
                "/omnihub/v1/customerPrice": offer,
                "/omnihub/v1/customerPrice/{proxy+}": offer,
                base("productOrderingManagement"): order,
                base("productInventory"): inventory,
                "/omnihub/v1/priceRise": inventory,
                "/omnihub/v1/priceRise/{proxy+}": inventory,
                base("partyInteraction"): interaction,
                **{f"{each}{hub}": subscription for each in HUBS for hub in ("/hub", "/hub/{id}")},
            },
        )

        bus = Bus(self)
        for function in (publish, catalog):
            function.add_environment("BUS_NAME", bus.bus.event_bus_name)
        bus.bus.grant_put_events_to(catalog)
        bus.publish(publish, data)
        workflow = Fulfilment(self, fulfil, stage)
        bus.to_workflow("Ordered", workflow.machine, STARTED_WITH, types=[ORDERED])
        topic = sns.Topic(self, "Confirmations", enforce_ssl=True)
        topic.grant_publish(confirm)
        confirm.add_environment("CONFIRM_TOPIC", topic.topic_arn)
        # An SMS goes to a number, which is no resource one could name.
        confirm.add_to_role_policy(
            iam.PolicyStatement(actions=["sns:Publish"], not_resources=["arn:aws:sns:*:*:*"], effect=iam.Effect.ALLOW)
        )
        bus.to_function("OrderNews", confirm, types=ORDER_EVENTS, live=True)
        bus.to_function("Timeline", remember, types=TIMELINE, live=False)
        bus.to_function("Rises", rise, types=RISES, live=True)
        Subscriptions(self, bus, subscribe=subscribe, notify=notify, deliver=deliver)
        Alarms(self, stage)

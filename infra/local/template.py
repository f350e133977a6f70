"""Turns the packaged template into the one for the local cloud; what it changes is all that differs from AWS."""

import copy
from collections.abc import Collection
from typing import Any

from infra.tools.local_conditions import relax

Template = dict[str, Any]
HOST = "app.localhost"

# A custom domain keeps the address stable when routes change, and has no stage in its path, as in production.
_DOMAIN: Template = {
    "LocalDomain": {
        "Type": "AWS::ApiGateway::DomainName",
        "Properties": {
            "DomainName": HOST,
            "RegionalCertificateArn": "arn:aws:acm:eu-central-2:000000000000:certificate/local",
            "EndpointConfiguration": {"Types": ["REGIONAL"]},
        },
    },
    "LocalDomainMapping": {
        "Type": "AWS::ApiGateway::BasePathMapping",
        "Properties": {
            "DomainName": {"Ref": "LocalDomain"},
            "RestApiId": {"Ref": "RestAPI"},
            "Stage": {"Ref": "RestAPI.Stage"},
        },
    },
}


def local_template(packaged: Template, *, bucket: str, key: str, schedules: Collection[str] | None = None) -> Template:
    """`packaged` with the bundle's place, the local domain, and conditions that the emulator can fulfil.

    Of the functions with a schedule those of `schedules` run by themselves; all when None.
    """
    template: Template = relax(copy.deepcopy(packaged))
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = {"Bucket": bucket, "Key": key}
            if schedules is not None and name not in schedules:
                _stop_schedules(resource)
    template["Resources"].update({**copy.deepcopy(_DOMAIN), **_gateway_responses(template)})
    _binary_media_types(template)
    return template


def _stop_schedules(function: Template) -> None:
    for event in function["Properties"].get("Events", {}).values():
        if event["Type"] == "Schedule":
            event["Properties"]["Enabled"] = False


def _binary_media_types(template: Template) -> None:
    """Which bodies are bytes, as a property: the emulator does not read it from the API's definition."""
    api = template["Resources"].get("RestAPI", {}).get("Properties", {})
    if kinds := api.get("DefinitionBody", {}).get("x-amazon-apigateway-binary-media-types"):
        api["BinaryMediaTypes"] = kinds


def _gateway_responses(template: Template) -> Template:
    """The gateway's own refusals as resources: the emulator does not read them from the API's definition."""
    body = template["Resources"].get("RestAPI", {}).get("Properties", {}).get("DefinitionBody", {})
    return {
        f"Gateway{kind.title().replace('_', '')}": {
            "Type": "AWS::ApiGateway::GatewayResponse",
            "Properties": {
                "RestApiId": {"Ref": "RestAPI"},
                "ResponseType": kind,
                **({"StatusCode": str(told["statusCode"])} if "statusCode" in told else {}),
                "ResponseParameters": told["responseParameters"],
                "ResponseTemplates": told["responseTemplates"],
            },
        }
        for kind, told in body.get("x-amazon-apigateway-gateway-responses", {}).items()
    }


def parameters(template: Template, wanted: dict[str, str], *, api: str, simulator: str) -> list[dict[str, str]]:
    """The values of the stack's parameters that we choose, those that the template has and no others."""
    filled = {name: value.format(api=api, simulator=simulator) for name, value in wanted.items()}
    known = template.get("Parameters", {})
    return [{"ParameterKey": name, "ParameterValue": filled[name]} for name in sorted(filled) if name in known]


def tables_with_ttl(template: Template) -> dict[str, str]:
    """Logical id of every table with expiry, with the attribute that holds it: the emulator ignores the setting."""
    tables = {}
    for logical_id, resource in template["Resources"].items():
        expiry = resource.get("Properties", {}).get("TimeToLiveSpecification", {})
        if resource["Type"] == "AWS::DynamoDB::Table" and expiry.get("Enabled"):
            tables[logical_id] = str(expiry["AttributeName"])
    return tables

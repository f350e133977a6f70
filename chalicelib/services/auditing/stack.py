"""Checks of the resources: each is as the template declares it."""

from collections.abc import Callable, Iterator

from chalicelib.domain.stack_state import TableState
from chalicelib.services.auditing._checking import Finding, Sight
from chalicelib.services.auditing.declared import DeclaredTable

_STRONG_TLS = ("SecurityPolicy_TLS13_1_3_", "SecurityPolicy_TLS13_1_2_PFS_", "SecurityPolicy_TLS13_1_2_FIPS_PFS_")
_ADDRESSES = ("$context.identity.sourceIp", "$context.identity.userAgent")


def tables_expire(sight: Sight) -> Finding:
    """The net under the sweep: DynamoDB removes what it missed."""
    return _tables(sight, lambda is_, said: is_.expires_by == said.expires_by)


def tables_are_restorable(sight: Sight) -> Finding:
    """Point in time recovery where it is promised, and not where it would keep what was to be forgotten."""
    return _tables(sight, lambda is_, said: is_.restorable is said.restorable)


def tables_are_encrypted(sight: Sight) -> Finding:
    """Under the installation's own key."""
    return _tables(sight, lambda is_, said: bool(sight.data_key) and is_.key == sight.data_key)


def tables_are_protected(sight: Sight) -> Finding:
    """Nobody deletes a table by a slip."""
    return _tables(sight, lambda is_, said: is_.protected is said.protected)


def streams_are_on(sight: Sight) -> Finding:
    """What follows from a write is caused by the stream."""
    return _tables(sight, lambda is_, said: is_.stream == said.stream)


def everything_in_the_promised_region(sight: Sight) -> Finding:
    """Tables, buckets and keys."""
    regions = {f"table {name}": arn.split(":")[3] for name, arn in _arns(sight)}
    regions |= {f"bucket {name}": sight.stack.bucket(said.name).region for name, said in sight.declared.buckets.items()}
    regions["key"] = sight.place.region
    outside = [name for name, region in regions.items() if region not in sight.declared.regions]
    return Finding(tuple(outside), {"resources": len(regions)})


def _arns(sight: Sight) -> Iterator[tuple[str, str]]:
    return ((name, sight.stack.table(said.name).arn) for name, said in sight.declared.tables.items())


def buckets_are_closed(sight: Sight) -> Finding:
    """Public access is blocked, and objects are encrypted under the installation's own key."""
    states = {name: sight.stack.bucket(said.name) for name, said in sight.declared.buckets.items()}
    wrong = [name for name, is_ in states.items() if not is_.closed or is_.key != sight.data_key]
    return Finding(tuple(wrong), {"buckets": len(states)})


def buckets_keep_what_they_should(sight: Sight) -> Finding:
    """Versions, and the lock that not even the operator opens, where they are declared."""
    wrong = [
        name
        for name, said in sight.declared.buckets.items()
        if ((is_ := sight.stack.bucket(said.name)).versioned, is_.locked) != (said.versioned, said.locked)
    ]
    return Finding(tuple(wrong), {"buckets": len(sight.declared.buckets)})


def logs_end(sight: Sight) -> Finding:
    """Each log group ends its lines after the declared days, and is encrypted under the installation's own key."""
    wrong = []
    for name, days in sight.declared.log_groups.items():
        is_ = sight.stack.log_group(name)
        if is_.days != days or is_.key != sight.data_key:
            wrong.append(name)
    return Finding(tuple(wrong), {"groups": len(sight.declared.log_groups)})


def the_gateway_writes_no_address(sight: Sight) -> Finding:
    """Neither its own lines nor traces of requests hold the caller's address."""
    api = sight.stack.api()
    wrong = {
        "access log": api.access_log != sight.declared.access_log or any(one in api.access_log for one in _ADDRESSES),
        "data trace": api.traces_data,
        "execution log": api.logs_calls,
    }
    return Finding(tuple(name for name, is_wrong in wrong.items() if is_wrong), {"settings": len(wrong)})


def the_domain_speaks_modern_tls(sight: Sight) -> Finding:
    """And there is no way in beside it."""
    api = sight.stack.api()
    wrong = {
        "TLS": not all(policy.startswith(_STRONG_TLS) for policy in api.tls),
        "address beside the domain": not api.only_by_domain,
    }
    return Finding(tuple(name for name, is_wrong in wrong.items() if is_wrong), {"settings": len(wrong)})


def _tables(sight: Sight, is_right: Callable[[TableState, DeclaredTable], bool]) -> Finding:
    tables = sight.declared.tables
    wrong = [name for name, said in tables.items() if not is_right(sight.stack.table(said.name), said)]
    return Finding(tuple(wrong), {"tables": len(tables)})

"""accounts, `staff-accounts`: who works with the product has an account of their own, with the rights of their role."""

import base64
from itertools import count
from typing import Any

import pytest

from infra.local.client import behind_hash
from tests.adapters.pictures import SECRET, opened, picture
from tests.deployed.colleagues import invite, join, joining
from tests.deployed.people import Person, found, text_of
from tests.deployed.stack import Stack, kind_of

pytestmark = [pytest.mark.deployed, pytest.mark.promise("staff-accounts")]

PROOF = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"
_numbers = count(100)


def test_who_is_invited_joins_with_name_address_and_password(stack: Stack) -> None:
    """An account of one's own, from the mail to signing in by password."""
    practice = stack.business()
    beat = join(stack, practice, "expert")
    stack.client.ask("PUT", "/staff/me/password", wanted=204, json={"proof": PROOF}, headers=beat.signed_in)
    somewhere = {"X-Forwarded-For": f"192.0.2.{next(_numbers)}"}
    answer = stack.client.try_to_sign_in(email=beat.person.email, proof=PROOF, headers=somewhere)

    session = {"Authorization": f"Bearer {answer.json()['token']}"}
    profile = stack.client.ask("GET", "/staff/me", wanted=200, headers=session)
    assert [profile[name] for name in ("given_name", "family_name", "email", "roles")] == [
        beat.person.given_name,
        beat.person.family_name,
        beat.person.email,
        ["expert"],
    ]
    everything = text_of(stack.everything_stored())
    assert found({beat.person.email, beat.person.given_name, beat.person.phone}, everything) == []


def test_everybody_has_the_rights_of_their_role(stack: Stack) -> None:
    """An expert neither sees the team nor changes it; an admin does, until the role is taken away."""
    practice = stack.business()
    expert, admin = join(stack, practice, "expert"), join(stack, practice, "admin")
    for method, path in (("GET", "/staff"), ("GET", "/invitations"), ("DELETE", f"/invitations/{'0' * 32}")):
        assert kind_of(stack.call(method, path, headers=expert.signed_in)) == (403, "not-allowed")
    team = stack.client.ask("GET", "/staff", wanted=200, headers=admin.signed_in)["staff"]
    assert {each["id"] for each in team} == {practice.expert, expert.staff, admin.staff}

    roles = {"roles": ["expert"]}
    stack.client.ask("PUT", f"/staff/{admin.staff}/roles", wanted=200, json=roles, headers=practice.signed_in)

    assert kind_of(stack.call("GET", "/staff", headers=admin.signed_in))[0] == 403
    last = stack.call("PUT", f"/staff/{practice.expert}/roles", json=roles, headers=practice.signed_in)
    assert kind_of(last) == (409, "conflict")


def test_an_invitation_can_be_revoked_and_works_once(stack: Stack) -> None:
    """Its link is void at once, either way."""
    practice, anna, beat = stack.business(), Person(), Person()
    revoked, used = (invite(stack, practice, who, "expert") for who in (anna, beat))
    listed = stack.client.ask("GET", "/invitations", wanted=200, headers=practice.signed_in)["invitations"]
    ids = {each["email"]: each["id"] for each in listed}
    assert ids.keys() == {anna.email, beat.email}
    stack.client.ask("DELETE", f"/invitations/{ids[anna.email]}", wanted=204, headers=practice.signed_in)
    stack.client.ask("POST", "/invitation/acceptance", wanted=201, json=joining(stack, beat, used))

    for who, token in ((anna, revoked), (beat, used)):
        again = stack.call("POST", "/invitation/acceptance", json=joining(stack, who, token))
        assert kind_of(again) == (410, "link-used")


def test_a_profile_has_a_photo_without_anything_that_tells_on_its_owner(stack: Stack) -> None:
    """Small, upright, seen by everybody; what was noted in it is neither shown nor stored."""
    practice = stack.business()
    sent, header = picture(turned=6), {**practice.signed_in, "Content-Type": "image/jpeg"}
    assert SECRET.encode() in sent
    assert stack.call("PUT", "/staff/me/photo", body=sent, headers=header).status == 204

    shown = f"/tenants/{practice.tenant}/staff/{practice.expert}/photo"
    seen = stack.call("GET", shown, headers={"Accept": "image/avif,image/webp,*/*;q=0.8"})
    assert (seen.status, seen.headers["content-type"]) == (200, "image/jpeg")
    assert opened(seen.body).size == (384, 512)
    (stored,) = photos(stack, practice.expert)
    assert SECRET.encode() not in seen.body + stored
    taken = stack.client.ask("GET", "/tenant/export", wanted=200, headers=practice.signed_in)["records"]
    assert [each["files"][0]["content"] for each in taken if each["files"]] == [base64.b64encode(stored).decode()]
    for wrong in (b"<svg/>", sent[: len(sent) // 2], b""):
        assert kind_of(stack.call("PUT", "/staff/me/photo", body=wrong, headers=header)) == (422, "invalid-input")
    assert stack.call("DELETE", "/staff/me/photo", headers=practice.signed_in).status == 204
    assert photos(stack, practice.expert) == []


def test_description_language_and_zone_are_ones_own(stack: Stack) -> None:
    """As they were last set."""
    practice, owner = stack.business(), Person(language="en", zone="Europe/Lisbon")
    said = {
        "given_name": owner.given_name,
        "family_name": owner.family_name,
        "language": "en",
        "own_zone": owner.zone,
        "description": f"Physio {owner.mark}",
    }
    stack.client.ask("PUT", "/staff/me", wanted=200, json=said, headers=practice.signed_in)

    profile = stack.client.ask("GET", "/staff/me", wanted=200, headers=practice.signed_in)
    assert {name: profile[name] for name in said} == said
    assert found({owner.mark}, text_of(stack.everything_stored())) == []


def test_another_address_holds_once_both_have_agreed(stack: Stack) -> None:
    """Then all sessions are over, and links go to the new one."""
    owner, after = Person(), Person()
    practice = stack.business(owner)
    asked = {"email": after.email}
    stack.client.ask("POST", "/staff/me/email-change", wanted=202, json=asked, headers=practice.signed_in)
    for who in (owner, after):
        token = behind_hash(stack.mail(who, "E-Mail-Adresse", count=2 if who is owner else 1)["text"])
        stack.client.ask("POST", "/email-changes/agreement", wanted=200, json={"token": token})

    assert kind_of(stack.call("GET", "/staff/me", headers=practice.signed_in)) == (401, "not-signed-in")
    stack.client.ask("POST", "/sign-in-links", wanted=202, json={"email": after.email})
    link = behind_hash(stack.mail(after, "Anmeldung")["text"])
    opened_again = stack.client.ask("POST", "/sessions", wanted=201, json={"token": link})
    assert opened_again["staff"] == practice.expert


def photos(stack: Stack, staff: str) -> list[Any]:
    """The files of somebody."""
    s3, bucket = stack.cloud.client("s3"), files_bucket(stack)
    listed = s3.list_object_versions(Bucket=bucket).get("Versions", [])
    return [s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read() for each in listed if staff in each["Key"]]


def files_bucket(stack: Stack) -> str:
    """The bucket of files."""
    names = [str(each["Name"]) for each in stack.cloud.client("s3").list_buckets()["Buckets"]]
    return next(name for name in names if "-files-" in name)

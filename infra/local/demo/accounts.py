"""The chapters about who gets in: a first password, a team, what is refused, who looks, and a trial that ends."""

from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import Any

from chalicelib.domain.passwords import proof_of, spell
from infra.local.client import Client, behind_hash, booking
from infra.local.cloud import LocalCloud
from infra.local.demo.scene import OWNER, Scene
from infra.local.demo.steps import eventually, expect, only, step

PASSWORD = "drei Äpfel und ein stiller Mittwoch"  # noqa: S105 (a made-up one, for a made-up practice)
BEN = "ben@praxis-brunner.example"
TAMARA = "tamara@salon-rot.example"


def installation_opens(cloud: LocalCloud) -> None:
    """It does nothing until its first password is replaced."""
    with step("A fresh installation refuses everything until the operator replaces the one-time password"):
        for method, path in (("GET", "/v1/contact"), ("GET", "/v1/notice"), ("POST", "/v1/registrations")):
            refused = cloud.call(method, path, json={} if method == "POST" else None)
            expect((403, "setup-required"), (refused.status, _slug(refused.json())), f"{method} {path}")
        operator = only([cloud.operator] if cloud.operator else [], "the account that the deployment made")
        operator.open_installation()
        expect(200, cloud.call("GET", "/v1/contact").status, "afterwards it answers")


def regula_signs_in(scene: Scene) -> None:
    """With a password that only her browser knows."""
    with step("Regula sets a password; what travels and what is stored is a proof of it"):
        proof = _proof(scene.client, OWNER, PASSWORD)
        scene.asks("PUT", "/staff/me/password", wanted=204, json={"proof": proof, "current_proof": None})
        raw = repr([item for table in ("records", "transient") for item in scene.cloud.scan_raw(table)])
        expect((False, False), (PASSWORD in raw, proof in raw), "password or proof in the tables")
    with step("Somebody guesses it: three attempts in five minutes, and no more"):
        wrong = spell(b"\0" * 32)
        answers = [_sign_in(scene, OWNER, wrong, address="198.51.100.7") for _ in range(4)]
        expect([401, 401, 401, 429], [answer.status for answer in answers], "the answers")
        expect(True, 240 < int(answers[-1].headers["retry-after"]) <= 300, "the fourth says how long to wait")
        let_in = _sign_in(scene, OWNER, proof, address="198.51.100.8")
        expect(201, let_in.status, "Regula herself, from elsewhere, gets in")
        expect(["admin", "expert"], let_in.json()["roles"], "with her roles")


def ben_joins(scene: Scene) -> None:
    """Invited, working, deleted."""
    with step("Ben is invited, joins as an expert, and may do what an expert may"):
        invited = {"email": BEN, "roles": ["expert"], "language": "de"}
        scene.asks("POST", "/invitations", wanted=201, json=invited)
        token = behind_hash(scene.latest(to=BEN, about="")["text"])
        versions = scene.client.ask("GET", "/registrations", wanted=200)
        person = {"given_name": "Ben", "family_name": "Frischknecht", "phone": None, "language": "de"}
        joined = scene.client.ask(
            "POST", "/invitation/acceptance", wanted=201, json={"token": token, **person, **versions}
        )
        expect(["expert"], joined["roles"], "his roles")
        his = {"Authorization": f"Bearer {joined['token']}"}
        expect(403, scene.cloud.call("GET", "/v1/staff", headers=his).status, "the team's list is for admins")
        expect(200, scene.cloud.call("GET", "/v1/staff/me", headers=his).status, "his own profile is his")
    with step("Ben leaves: at once he is out, and nothing of him is left; the last admin has to stay"):
        scene.asks("POST", f"/staff/{joined['staff']}/deletion", json={"future_appointments": "cancel"})
        expect(401, scene.cloud.call("GET", "/v1/staff/me", headers=his).status, "his session")
        expect([], scene.lying_with(joined["staff"]), "records that lie with Ben")
        expect(False, joined["staff"] in scene.keys_of_people(), "his key is there")
        last = f"/v1/staff/{scene.practice.expert}/deletion"
        refused = scene.cloud.call(
            "POST", last, json={"future_appointments": "cancel"}, headers=scene.practice.signed_in
        )
        expect((409, "conflict"), (refused.status, _slug(refused.json())), "Regula can't delete herself")


def form_is_changed(scene: Scene) -> None:
    """On its way, or sent by a robot."""
    with step("A booking form that was changed on its way is refused, and that is in the ledger"):
        form, start = scene.client.booking_form(scene.practice), scene.free(days=6)[0]
        customer = {"given_name": "X", "family_name": "Y", "email": "x@kundin.example", "phone": None}
        customer |= {"language": "de", "zone": "Europe/Zurich"}
        wish = booking(scene.practice.service, scene.practice.expert, starts_at=start, customer=customer)
        path = f"/v1/tenants/{scene.practice.tenant}/appointments"
        altered = scene.cloud.call("POST", path, json={**wish, "service": "0" * 32}, headers=form)
        naked = scene.cloud.call("POST", path, json=wish)
        expect([(403, "form-refused")] * 2, [(a.status, _slug(a.json())) for a in (altered, naked)], "the answers")
        grounds = sorted(entry["ground"] for entry in scene.noted("visitor:form:refused"))
        expect(["booking:altered-fixed", "booking:missing"], grounds, "the entries")


def server_calls(scene: Scene) -> None:
    """The practice's own, with a key."""
    with step("The practice's own server calls with a key that may read appointments and nothing else"):
        until = (scene.cloud.now() + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
        given = {"label": "Website", "scopes": ["appointments:read"], "valid_until": until}
        made = scene.asks("POST", "/api-keys", wanted=201, json=given)
        key = {"Authorization": f"Bearer {made['key']}"}
        asked = f"expert={scene.practice.expert}&from={scene.today()}T00:00:00Z&to={scene.today()}T23:00:00Z"
        expect(200, scene.cloud.call("GET", f"/v1/appointments?{asked}", headers=key).status, "it reads appointments")
        expect(403, scene.cloud.call("GET", "/v1/staff", headers=key).status, "the team is none of its business")
        scene.asks("DELETE", f"/api-keys/{made['id']}", wanted=204)
        expect(401, scene.cloud.call("GET", f"/v1/appointments?{asked}", headers=key).status, "revoked, it is nobody")


def operator_looks(scene: Scene) -> None:
    """Only with a reason, for an hour, and the practice is told."""
    with step("The operator has to look at the practice's data: with a reason, for an hour, and it is told"):
        day = f"expert={scene.practice.expert}&from={scene.today()}T00:00:00Z&to={scene.today()}T23:00:00Z"
        header = scene.cloud.as_operator
        closed = scene.cloud.call("GET", f"/v1/appointments?{day}", headers=header)
        expect(403, closed.status, "without an access")
        reason = {"tenant": scene.practice.tenant, "reason": "Ticket 4711: a day is missing in the list"}
        opened = scene.client.ask("POST", "/operator/accesses", wanted=201, json=reason, headers=header)
        looking = {**header, "Zusage-Access": f"{scene.practice.tenant}.{opened['access']}"}
        expect(200, scene.cloud.call("GET", f"/v1/appointments?{day}", headers=looking).status, "with one")
        scene.latest(to=OWNER, about="Betreibers")
        told = scene.asks("GET", "/tenant/accesses")["accesses"]
        expect([reason["reason"]], [each["reason"] for each in told], "the practice sees the reason")
        expect(1, len(scene.noted("operator:tenant:accessed")), "each look is an entry in its ledger")
        scene.cloud.move_time(minutes=60)
        ended = scene.cloud.call("GET", f"/v1/appointments?{day}", headers=looking)
        expect(403, ended.status, "after an hour it has ended by itself")


def a_trial_ends(scene: Scene) -> None:
    """Told twice before, then read-only, then gone."""
    with step("Tamara tries it for 30 days without giving payment data, and is told before it ends"):
        opened = scene.client.register(email=TAMARA, company="Salon Rot")
        started = scene.cloud.now()
        before = _salon(scene, opened["tenant"])
        expect(True, before > 0, "her salon is there")
        scene.cloud.move_time(to=started + timedelta(days=23, minutes=1))
        scene.cloud.invoke("Lapse")
        eventually(lambda: len(_trial_mails(scene)) == 1, "seven days before she hears of it")
        scene.cloud.move_time(to=started + timedelta(days=29, minutes=1))
        scene.cloud.invoke("Lapse")
        eventually(lambda: len(_trial_mails(scene)) == 2, "and one day before")
    with step("She does nothing: everything can be read and taken along for 30 days, then it is gone"):
        scene.cloud.move_time(to=started + timedelta(days=30, minutes=1))
        hers = scene.sign_in_as(TAMARA)
        told = scene.client.ask("GET", "/tenant", wanted=200, headers=hers)
        expect("read-only", told["standing"], "her salon")
        refused = scene.cloud.call("POST", "/v1/services", json={}, headers=hers)
        expect((403, "read-only"), (refused.status, _slug(refused.json())), "changing anything")
        taken = scene.client.ask("GET", "/tenant/export", wanted=200, headers=hers)
        expect(True, "Tenant" in {each["kind"] for each in taken["records"]}, "she takes her data along")
        scene.cloud.move_time(to=started + timedelta(days=60, minutes=1))
        scene.cloud.invoke("Lapse")
        scene.cloud.invoke("Sweep")
        expect(0, _salon(scene, opened["tenant"]), "records and keys of her salon")


def _proof(client: Client, email: str, password: str) -> str:
    told = client.ask("POST", "/sign-in/parameters", wanted=200, json={"email": email})
    return spell(proof_of(password, salt=urlsafe_b64decode(told["salt"] + "=="), iterations=told["iterations"]))


def _sign_in(scene: Scene, email: str, proof: str, *, address: str) -> Any:
    given = {"email": email, "proof": proof, "portal": "admin", "keep": "token"}
    headers = {**scene.client.form("sign-in"), "X-Forwarded-For": address}
    return scene.cloud.call("POST", "/v1/sign-in", json=given, headers=headers)


def _slug(problem: dict[str, Any]) -> str:
    return str(problem["type"]).rpartition(":")[2]


def _salon(scene: Scene, tenant: str) -> int:
    """How many records and keys there are of it; the ledger, and the counts of its days, end by their own period."""
    items = [item for table in ("records", "keys", "transient") for item in scene.cloud.scan_raw(table)]
    return sum(tenant in item["pk"]["S"] and item["kind"]["S"] != "LedgerDay" for item in items)


def _trial_mails(scene: Scene) -> list[dict[str, Any]]:
    return [mail for mail in scene.inbox.messages(to=TAMARA) if "Probezeit" in mail["subject"]]

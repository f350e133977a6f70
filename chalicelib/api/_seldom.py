"""Resources that few calls ask for: their routes are known at once, their modules loaded at the first call.

A module of resources makes its models when it is loaded, and that is most of what it costs. Each function would pay for
all of them at each start, though nearly every call is about appointments. What stands here is said a second time by the
`@routes.route(...)` of the modules; tests/contracts/test_seldom.py holds the two together.
"""

from collections.abc import Iterable, Mapping

from chalice.app import Blueprint

from chalicelib.api.http.late import Seldom

Route = tuple[str, str, str]  # method, path, name of the view

ROUTES: Mapping[str, tuple[Route, ...]] = {
    "customers.privacy": (
        ("PUT", "/customers/{customer}/restriction", "restrict"),
        ("DELETE", "/customers/{customer}/restriction", "lift_restriction"),
        ("GET", "/customers/{customer}/holds", "list_holds"),
        ("POST", "/customers/{customer}/holds", "place_hold"),
        ("DELETE", "/customers/{customer}/holds/{hold}", "lift_hold"),
        ("POST", "/customers/{customer}/legal-view", "legal_view"),
    ),
    "customers.customers": (
        ("GET", "/customers", "customers"),
        ("POST", "/customer-search", "search_customers"),
        ("POST", "/customers", "enter_customer"),
        ("GET", "/customers/{customer}", "customer"),
        ("PUT", "/customers/{customer}", "change_customer"),
    ),
    "customers.customer_history": (("GET", "/customers/{customer}/appointments", "customer_appointments"),),
    "customers.customer_notes": (
        ("GET", "/customers/{customer}/notes", "list_notes"),
        ("POST", "/customers/{customer}/notes", "write_note"),
        ("PUT", "/customers/{customer}/notes/{note}", "change_note"),
        ("DELETE", "/customers/{customer}/notes/{note}", "delete_note"),
    ),
    "customers.customer_joins": (
        ("GET", "/customer-duplicates", "duplicates"),
        ("POST", "/customers/{customer}/merges", "merge_customers"),
        ("DELETE", "/customers/{customer}/merges/{merge}", "undo_merge"),
        ("POST", "/customers/{customer}/splits", "split_customer"),
        ("DELETE", "/customers/{customer}/splits/{split}", "undo_split"),
    ),
    "customers.customer_imports": (
        ("POST", "/customer-imports", "upload_customers"),
        ("GET", "/customer-imports/{upload}", "see_import"),
        ("PUT", "/customer-imports/{upload}", "change_import"),
        ("POST", "/customer-imports/{upload}/completion", "complete_import"),
        ("DELETE", "/customer-imports/{upload}", "discard_import"),
    ),
    "accountability.notices": (
        ("GET", "/notice", "notice"),
        ("GET", "/notice/versions", "versions"),
        ("GET", "/notice/versions/{version}", "version_of_notice"),
        ("GET", "/notice/versions/{version}/changes", "changes"),
        ("GET", "/tenants/{tenant}/notice", "notice_of_business"),
        ("GET", "/tenants/{tenant}/notice/versions", "versions_of_business"),
        ("GET", "/tenants/{tenant}/notice/versions/{version}", "version_of_business"),
        ("GET", "/tenants/{tenant}/notice/versions/{version}/changes", "changes_of_business"),
    ),
    "tenancy.tenant": (
        ("GET", "/tenant", "see_tenant"),
        ("PUT", "/tenant", "change_tenant"),
        ("POST", "/tenant/plan", "choose_plan"),
        ("POST", "/tenant/cancellation", "cancel_tenant"),
        ("DELETE", "/tenant/cancellation", "resume_tenant"),
        ("GET", "/tenant/export", "export_tenant"),
        ("POST", "/operator/tenants/{tenant}/trial", "extend_trial"),
    ),
    "booking.payments": (
        ("GET", "/payments/account", "see_account"),
        ("PUT", "/payments/account", "set_account"),
        ("DELETE", "/payments/account", "remove_account"),
        ("POST", "/appointment/payment", "pay"),
        ("GET", "/customers/{customer}/appointments/{appointment}/payment", "see_payment"),
    ),
    "offering.business": (("GET", "/tenants/{tenant}", "see_business"),),
    "offering.services": (
        ("POST", "/services", "create_service"),
        ("GET", "/services", "list_services"),
        ("GET", "/services/{service}", "read_service"),
        ("PUT", "/services/{service}", "change_service"),
        ("POST", "/services/{service}/archive", "archive_service"),
        ("DELETE", "/services/{service}/archive", "restore_service"),
    ),
    "offering.hours": (
        ("PUT", "/staff/{staff}/availability", "set_availability"),
        ("GET", "/staff/{staff}/availability", "read_availability"),
        ("GET", "/tenants/{tenant}/experts/{expert}/free-busy", "free_busy"),
    ),
    "offering.explanations": (("GET", "/services/{service}/explanation", "explanation"),),
    "offering.premises": (
        ("GET", "/premises", "read_premises"),
        ("PUT", "/premises", "set_premises"),
        ("GET", "/resources", "list_resources"),
        ("POST", "/resources", "create_resource"),
        ("PUT", "/resources/{resource}", "change_resource"),
        ("POST", "/resources/{resource}/archive", "archive_resource"),
        ("DELETE", "/resources/{resource}/archive", "restore_resource"),
    ),
    "accountability.contact": (("GET", "/contact", "contact"),),
    "sign_in.cookies": (("GET", "/cookies", "cookies"),),
    "tenancy.api_keys": (
        ("GET", "/api-keys", "list_keys"),
        ("POST", "/api-keys", "create_key"),
        ("DELETE", "/api-keys/{key}", "revoke_key"),
    ),
    "accountability.acceptances": (
        ("GET", "/staff/me/acceptances", "acceptances"),
        ("POST", "/staff/me/acceptances", "accept"),
    ),
    "accountability.processing": (
        ("GET", "/processing-record", "processing_record"),
        ("GET", "/processing-record.xlsx", "processing_record_book"),
    ),
    "accountability.ledger": (
        ("GET", "/ledger/counts", "counts"),
        ("GET", "/ledger/hand-overs", "hand_overs"),
        ("GET", "/ledger/entries", "entries"),
        ("GET", "/ledger/verification", "verification"),
        ("GET", "/staff/me/ledger", "own"),
        ("GET", "/appointment/ledger", "told"),
        ("GET", "/operator/telemetry", "telemetry"),
    ),
    "operator.operator": (("GET", "/operator/promises", "promises"),),
    "sign_in.sign_in": (
        ("POST", "/sign-in/parameters", "sign_in_parameters"),
        ("POST", "/sign-in", "sign_in_by_password"),
    ),
    "sign_in.passwords": (
        ("GET", "/staff/me/password/parameters", "own_parameters"),
        ("PUT", "/staff/me/password", "set_password"),
        ("POST", "/password-resets", "ask_for_reset"),
        ("POST", "/password-resets/parameters", "reset_parameters"),
        ("POST", "/password-resets/completion", "complete_reset"),
    ),
    "sign_in.second_factors": (
        ("GET", "/staff/me/second-factors", "second_factors"),
        ("POST", "/staff/me/totp", "begin_totp"),
        ("POST", "/staff/me/totp/confirmation", "confirm_totp"),
        ("POST", "/staff/me/totp/removal", "remove_totp"),
        ("POST", "/staff/me/passkeys/options", "begin_passkey"),
        ("POST", "/staff/me/passkeys", "add_passkey"),
        ("POST", "/staff/me/passkeys/{passkey}/removal", "remove_passkey"),
        ("POST", "/staff/me/recovery-codes", "make_recovery_codes"),
        ("PUT", "/tenant/second-factor", "require_second_factor"),
    ),
    "sign_in.second_step": (
        ("POST", "/sign-in/second-factor/options", "passkey_options"),
        ("POST", "/sign-in/second-factor", "prove_second_factor"),
    ),
    "sign_in.blocklist": (("GET", "/password-blocklist", "password_blocklist"),),
    "sign_in.own_sessions": (
        ("GET", "/staff/me/sessions", "own_sessions"),
        ("POST", "/staff/me/sessions/{session}/ending", "end_session"),
        ("POST", "/staff/me/sessions/ending", "end_other_sessions"),
    ),
    "operator.operators": (
        ("GET", "/operator/staff", "operators"),
        ("POST", "/operator/staff", "invite_colleague"),
        ("DELETE", "/operator/staff/{staff}/sessions", "end_sessions_of_colleague"),
    ),
    "tenancy.opening": (("POST", "/operator/first-password", "replace_first_password"),),
    "staff.secrecy": (
        ("GET", "/operator/secrecy", "secrecy"),
        ("POST", "/operator/secrecy", "confirm_secrecy"),
    ),
    "operator.accesses": (
        ("POST", "/operator/accesses", "open_access"),
        ("DELETE", "/operator/accesses/{tenant}/{access}", "close_access"),
        ("GET", "/tenant/accesses", "accesses"),
    ),
    "accountability.trust": (("GET", "/trust", "trust"),),
    "staff.team": (
        ("GET", "/staff", "list_staff"),
        ("PUT", "/staff/{staff}/roles", "give_roles"),
        ("DELETE", "/staff/{staff}/sessions", "end_sessions_of"),
    ),
    "staff.invitations": (
        ("POST", "/invitations", "invite"),
        ("GET", "/invitations", "list_invitations"),
        ("DELETE", "/invitations/{invitation}", "revoke"),
        ("GET", "/invitation", "invitation"),
        ("POST", "/invitation/acceptance", "accept_invitation"),
    ),
    "staff.profile": (
        ("GET", "/staff/me", "profile"),
        ("PUT", "/staff/me", "change_profile"),
        ("GET", "/staff/me/photo", "own_photo"),
        ("PUT", "/staff/me/photo", "set_photo"),
        ("DELETE", "/staff/me/photo", "remove_photo"),
        ("GET", "/tenants/{tenant}/staff/{staff}/photo", "photo"),
    ),
    "staff.email_change": (
        ("POST", "/staff/me/email-change", "ask_for_change"),
        ("POST", "/email-changes/agreement", "agree"),
    ),
    "booking.reservations": (
        ("POST", "/tenants/{tenant}/reservations", "reserve"),
        ("DELETE", "/tenants/{tenant}/reservation", "give_back"),
    ),
    "appointments.appointments": (
        ("GET", "/appointments", "agenda"),
        ("GET", "/appointments/export", "export"),
    ),
    "appointments.attending": (
        ("POST", "/appointments", "enter"),
        ("GET", "/customers/{customer}/appointments/{appointment}", "see"),
        ("POST", "/customers/{customer}/appointments/{appointment}/rescheduling", "rearrange"),
        ("POST", "/customers/{customer}/appointments/{appointment}/hand-over", "hand_over"),
        ("POST", "/customers/{customer}/appointments/{appointment}/cancellation", "cancel"),
        ("PUT", "/customers/{customer}/appointments/{appointment}/no-show", "note_no_show"),
        ("DELETE", "/customers/{customer}/appointments/{appointment}/no-show", "undo_no_show"),
        ("PUT", "/customers/{customer}/appointments/{appointment}/note", "write_appointment_note"),
    ),
    "booking.confirming": (
        ("POST", "/customers/{customer}/appointments/{appointment}/confirmation", "confirm"),
        ("POST", "/customers/{customer}/appointments/{appointment}/refusal", "decline"),
        ("POST", "/pending/confirmation", "confirm_by_link"),
        ("POST", "/pending/refusal", "decline_by_link"),
    ),
    "calendars": (
        ("GET", "/calendars", "own_calendars"),
        ("POST", "/calendars/microsoft-graph", "link_microsoft"),
        ("POST", "/calendars/google-calendar", "link_google"),
        ("POST", "/calendars/callback", "finish_linking"),
        ("POST", "/calendars/caldav", "link_caldav"),
        ("GET", "/calendars/conflicts", "conflicts"),
        ("POST", "/calendars/feed", "make_feed"),
        ("DELETE", "/calendars/feed", "end_feed"),
        ("POST", "/calendars/{link}/sync", "sync_calendar"),
        ("DELETE", "/calendars/{link}", "unlink"),
        ("GET", "/feeds/{feed}", "feed"),
    ),
    "booking.waiting": (
        ("POST", "/tenants/{tenant}/waiting-list", "join"),
        ("POST", "/waiting-list/departure", "leave"),
        ("GET", "/services/{service}/waiting-list", "waiting_list"),
        ("DELETE", "/services/{service}/waiting-list/{customer}", "remove_from_list"),
        ("GET", "/waiting-place", "place"),
        ("POST", "/waiting-place/acceptance", "accept_place"),
        ("POST", "/waiting-place/refusal", "decline_place"),
    ),
    "booking.proposals": (
        ("POST", "/proposals", "propose"),
        ("GET", "/proposals", "proposals"),
        ("DELETE", "/customers/{customer}/proposals/{proposal}", "withdraw_proposal"),
        ("GET", "/proposal", "proposal"),
        ("POST", "/proposal/choice", "choose"),
    ),
    "staff.staff_deletion": (("POST", "/staff/{staff}/deletion", "delete_staff"),),
}
"""By module, what its blueprint `routes` holds."""

PAGES: Mapping[str, tuple[Route, ...]] = {
    "accountability.notices": (
        ("GET", "/notice", "notice_page"),
        ("GET", "/notice/versions/{version}", "version_page"),
        ("GET", "/tenants/{tenant}/notice", "notice_page_of_business"),
        ("GET", "/tenants/{tenant}/notice/versions/{version}", "version_page_of_business"),
    ),
    "accountability.processing": (("GET", "/processing-record", "processing_page"),),
    "accountability.trust": (("GET", "/trust", "trust_page"),),
}
"""By module, what its blueprint `pages` holds."""


BODIES: Mapping[str, tuple[str, ...]] = {
    "set_photo": ("image/jpeg", "image/png", "image/webp"),
    "upload_customers": (
        "application/octet-stream",
        "text/csv",
        "text/vcard",
    ),
}
"""By view, the media types of a body that is no JSON."""


def _blueprint(listed: Mapping[str, Iterable[Route]]) -> Blueprint:
    made = Blueprint(__name__)
    for module, held in listed.items():
        for method, path, name in held:
            taken = {"content_types": [*BODIES[name]]} if name in BODIES else {}
            made.route(path, methods=[method], **taken)(Seldom(module, name))
    return made


routes, pages = _blueprint(ROUTES), _blueprint(PAGES)

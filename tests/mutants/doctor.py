"""Each check of the setup doctor gone blind, so that all is always well, and the test that must notice."""

from tests.mutants.mutants import Change, Mutant

TESTS = "tests/review/test_doctor_"


def blind(slug: str, look: str, module: str, test: str, arguments: str = "") -> Mutant:
    """The check's function says at once that all is well; `arguments` as they stand in it."""
    head = f"def {look}({arguments}) -> Outcome:\n"
    change = Change(f"review/doctor/{module}.py", head, f'{head}    return ok("All is well.")\n')
    return Mutant(f"doctor {slug}: {look} is blind", (change,), (TESTS + test,))


def deaf(slug: str, what: str, module: str, test: str, old: str, new: str) -> Mutant:
    """One of the things that a check looks at is looked at no more."""
    return Mutant(
        f"doctor {slug}: {what}", (Change(f"review/doctor/{module}.py", old, new),), (TESTS + test,)
    )


IDENTITY = "identity.py::test_"
PORTAL = "portal.py::test_"
WEBSITE = "website.py::test_"
DOORS = "doors.py::test_"
REDIRECTS = PORTAL + "a_redirect_uri_the_portal_or_a_reviewer_refuses_is_found"

DOCTOR_MUTANTS = (
    # --- Who this app claims to be -----------------------------------------------------------------------------
    blind(
        "app-name", "look_at_app_name", "identity", IDENTITY + "a_networks_name_in_the_apps_name_is_refused"
    ),
    deaf(
        "app-name",
        "the name of every new installation passes",
        "identity",
        IDENTITY + "the_name_every_installation_begins_with_is_not_unique",
        "    if plain == OUR_NAME:\n",
        '    if plain == "":\n',
    ),
    blind(
        "organisation-name",
        "look_at_organisation_name",
        "identity",
        IDENTITY + "app_and_organisation_should_have_one_name",
    ),
    blind("contact", "look_at_contact", "identity", IDENTITY + "somebody_must_be_reachable"),
    blind("domain", "judge_domain", "identity", IDENTITY + "a_domain_must_be_the_operators_own", "host: str"),
    blind(
        "name-and-domain",
        "judge_name_and_domain",
        "identity",
        IDENTITY + "the_name_should_be_read_in_the_domain",
        "name: str, host: str",
    ),
    blind(
        "audience",
        "look_at_audience",
        "identity",
        IDENTITY + "a_site_that_strangers_cannot_join_is_internal_use",
    ),
    deaf(
        "audience",
        "a name that sounds internal passes",
        "identity",
        IDENTITY + "a_name_that_sounds_internal_is_noticed",
        "        if narrow:\n",
        "        if not name:\n",
    ),
    # --- What TikTok's portal is told --------------------------------------------------------------------------
    blind("redirect-uri", "judge_redirect_uri", "portal", REDIRECTS, "uri: str, *, site: str"),
    deaf(
        "redirect-uri",
        "an address without https passes",
        "portal",
        REDIRECTS,
        '    if parts.scheme != "https":\n',
        '    if parts.scheme == "":\n',
    ),
    deaf(
        "redirect-uri",
        "a query passes",
        "portal",
        REDIRECTS,
        '    if parts.query or parts.fragment or "?" in uri or "#" in uri:\n',
        '    if parts.fragment or "#" in uri:\n',
    ),
    deaf(
        "redirect-uri",
        "another site's address passes",
        "portal",
        REDIRECTS,
        '    if f"{parts.scheme}://{parts.netloc}" != site:\n',
        "    if not site:\n",
    ),
    blind("scopes", "look_at_scopes", "portal", PORTAL + "only_scopes_that_are_used_are_asked_for"),
    deaf(
        "scopes",
        "a scope that no film can show passes",
        "portal",
        PORTAL + "only_scopes_that_are_used_are_asked_for",
        "    if idle:\n",
        "    if not asked:\n",
    ),
    blind(
        "client-key",
        "judge_client_key",
        "portal",
        PORTAL + "the_key_is_told_by_its_shape",
        "key: str, secret: str",
    ),
    deaf(
        "client-key",
        "a sandbox's key is taken for one to go live with",
        "portal",
        PORTAL + "the_key_is_told_by_its_shape",
        '    if key.startswith("sb"):\n',
        '    if key == "sb":\n',
    ),
    # --- The site a reviewer opens -----------------------------------------------------------------------------
    blind("website", "look_at_website", "website", WEBSITE + "a_wall_in_front_of_the_site_is_a_fault"),
    deaf(
        "website",
        "a slow site passes",
        "website",
        WEBSITE + "a_slow_site_is_worth_a_thought",
        "    if seconds > SLOW_SECONDS:\n",
        "    if seconds < 0:\n",
    ),
    blind("legal-pages", "look_at_legal_pages", "website", WEBSITE + "a_missing_link_is_a_fault"),
    deaf(
        "legal-pages",
        "links behind a menu pass",
        "website",
        WEBSITE + "links_behind_a_menu_are_a_fault",
        "            if not any(link.is_in_sight for link in found):\n",
        "            if not any(link.href for link in found):\n",
    ),
    blind(
        "site-ownership",
        "look_at_ownership",
        "website",
        WEBSITE + "a_signature_file_that_does_not_come_through_is_a_fault",
    ),
    deaf(
        "site-ownership",
        "that each sandbox needs a proof of its own is not said",
        "website",
        WEBSITE + "without_a_signature_file_nobody_knows",
        'in the production configuration and again in each "\n        "sandbox:',
        'in the production configuration"\n        ":',
    ),
    # --- What TikTok answers -----------------------------------------------------------------------------------
    blind(
        "client-secret",
        "look_at_client_secret",
        "tiktok_itself",
        "tiktok.py::test_a_wrong_secret_is_found_whatever_the_status",
    ),
    blind(
        "clock", "look_at_clock", "tiktok_itself", "tiktok.py::test_an_answer_from_another_time_is_noticed"
    ),
    # --- The doors TikTok knocks at ----------------------------------------------------------------------------
    blind("https", "look_at_https", "doors", DOORS + "a_site_without_https_is_a_fault"),
    deaf(
        "https",
        "a certificate that nobody renews passes",
        "doors",
        DOORS + "a_certificate_is_trusted_or_not_and_ends_one_day",
        "    if ends - now < SOON:\n",
        "    if ends < now:\n",
    ),
    blind("webhook", "look_at_webhook", "doors", DOORS + "whoever_refuses_a_signed_event_is_a_fault"),
    deaf(
        "webhook",
        "a forged event is taken",
        "doors",
        DOORS + "a_door_that_lets_forgeries_in_is_a_fault",
        "    if forged != 401:\n",
        "    if not forged:\n",
    ),
    blind(
        "media-prefix", "look_at_media_prefix", "doors", DOORS + "a_prefix_that_leads_elsewhere_is_a_fault"
    ),
    blind("media-prefix", "judge_ownership", "doors", DOORS + "tiktoks_last_word_counts", "prefix: str"),
    deaf(
        "media-prefix",
        "what another configuration was told counts",
        "doors",
        DOORS + "what_another_configuration_was_told_does_not_count",
        "publish_id__isnull=False, publication__account__client_key=key\n",
        "publish_id__isnull=False\n",
    ),
    # --- What moves posts --------------------------------------------------------------------------------------
    blind("database", "look_at_database", "machinery", "machinery.py::test_the_database_answers_or_not"),
    blind("migrations", "look_at_migrations", "machinery", "machinery.py::test_a_missing_migration_is_found"),
    blind(
        "broker", "look_at_broker", "machinery", "machinery.py::test_the_broker_in_a_folder_needs_its_folder"
    ),
    blind(
        "worker", "look_at_worker", "machinery", "machinery.py::test_worker_and_beat_are_told_by_their_pulse"
    ),
    blind("beat", "look_at_beat", "machinery", "machinery.py::test_worker_and_beat_are_told_by_their_pulse"),
    # --- This machine ------------------------------------------------------------------------------------------
    blind("storage", "look_at_storage", "machine", "machine.py::test_media_that_find_no_place_are_a_fault"),
    blind(
        "disk",
        "judge_free_space",
        "machine",
        "machine.py::test_a_disk_that_fills_up_is_found_in_time",
        "free: int, *, largest: int",
    ),
    blind("mail", "look_at_mail", "machine", "machine.py::test_no_mail_server_is_a_fault_only_in_earnest"),
    blind(
        "deploy-check",
        "look_at_deployment",
        "machine",
        "machine.py::test_what_django_thinks_of_the_deployment_is_passed_on",
    ),
)

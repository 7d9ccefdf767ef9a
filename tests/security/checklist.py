"""The security checklist (OWASP ASVS 5.0, levels 1 and 2) and the incidents of this field, each with the tests that hold it.

`test_checklist.py` holds that every number is here and every test is there, so that this list cannot rot.
"""

# By number: what is asked for, and the tests that fail when the defence is taken out.
LINES: dict[int, tuple[str, tuple[str, ...]]] = {
    1: ("1.2.1 every stored field escaped wherever it is shown", (
        "security/test_hostile_words.py::test_what_is_stored_is_text_on_every_page_for_everybody",
        "security/test_hostile_words.py::test_what_is_typed_into_a_form_is_text_on_every_page_for_everybody",
        "security/test_hostile_words.py::test_every_column_of_words_is_among_them",
        "security/test_logs.py::test_the_servers_log_has_a_line_for_each_request_and_no_secret_in_it",
    )),
    2: ("1.2.2 javascript: and data: links refused", ("security/test_prose.py::test_nothing_hostile_comes_through",)),
    3: ("1.2.4 no SQL by concatenation", (
        "security/test_hostile_words.py::test_what_stands_in_an_address_is_text_and_no_question_to_the_database",
        "security/test_hostile_words.py::test_a_filter_never_widens_what_is_shown",
    )),
    4: ("1.3.1, 1.3.5 Markdown", ("security/test_prose.py::test_whatever_is_written_is_shown_with_allowed_elements_alone",)),
    5: ("1.3.6 no user-given address fetched", (
        "security/test_reaching_out.py::test_no_address_that_somebody_types_is_asked_for_anything",
    )),
    6: ("1.3.11 line breaks in mail fields", ("pages/test_email_links.py::test_no_line_break_reaches_the_head_of_a_letter",)),
    7: ("cells that a spreadsheet would run", (
        "security/test_hostile_words.py::test_a_cell_of_any_file_that_a_spreadsheet_would_run_is_plain_text",
        "ledger/test_exports.py::test_a_cell_of_the_table_that_a_spreadsheet_would_run_is_plain_text",
    )),
    8: ("2.3.1 no step skipped", (
        "ledger/test_rounds.py::test_votes_are_taken_on_the_rounds_days_only",
        "ledger/test_rounds.py::test_a_vote_can_be_changed_until_the_close_and_not_after",
        "ledger/test_rounds.py::test_ratifying_before_the_count_is_refused",
        "people/test_permissions.py::test_what_the_state_does_not_allow_is_shown_in_words_and_records_nothing",
    )),
    9: ("2.3.3 an exception at each statement leaves nothing half done", (
        "security/test_half_done.py::test_whatever_breaks_nothing_is_half_done",
        "security/test_half_done.py::test_the_statements_that_the_driver_is_given_directly_are_counted_too",
    )),
    10: ("2.3.4 concurrent use of a budget or a code", (
        "faults/test_races.py::test_as_many_win_the_last_pounds_as_there_are_pounds",
        "faults/test_races.py::test_payments_that_race_never_pay_more_than_was_promised",
        "ledger/test_factors.py::test_of_several_who_send_a_code_at_once_one_succeeds",
    )),
    11: ("2.4.1 limits hold across workers", (
        "ledger/test_attempts.py::test_of_those_who_try_at_once_no_more_get_through_than_may",
        "pages/test_limits.py::test_an_address_gets_few_letters_whether_it_is_known_or_not",
    )),
    12: ("3.3.1-4 cookies", (
        "pages/test_sessions.py::test_there_is_one_cookie_and_it_is_kept_from_scripts_and_other_sites",
    )),
    13: ("3.4.1 HSTS", ("web/test_answers.py::test_a_site_on_https_asks_browsers_to_stay_there_and_marks_its_cookie",)),
    14: ("3.4.3 Content-Security-Policy", ("web/test_answers.py::test_every_answer_says_what_a_page_may_do",)),
    15: ("3.4.4-6 headers on every response", (
        "security/test_every_route.py::test_every_answer_of_every_route_has_its_headers_also_when_it_refuses",
    )),
    16: ("3.5.1 CSRF", (
        "security/test_every_route.py::test_no_unsafe_route_takes_anything_without_its_token",
        "security/test_every_route.py::test_a_token_of_another_browser_is_none",
    )),
    17: ("3.5.3 GET changes nothing", ("security/test_every_route.py::test_reading_any_route_as_anybody_changes_nothing",)),
    18: ("3.7.2 next= stays on site", (
        "web/test_access_rules.py::test_signing_in_never_leads_to_another_site",
        "pages/test_addresses.py::test_after_sign_in_one_stays_on_this_site",
    )),
    19: ("4.1.3 a spoofed X-Forwarded-For", (
        "pages/test_limits.py::test_a_header_that_anybody_can_write_changes_no_limit",
        "pages/test_limits.py::test_only_what_our_own_proxies_add_is_believed",
        "security/test_logs.py::test_the_servers_log_has_a_line_for_each_request_and_no_secret_in_it",
    )),
    20: ("5.2.1-3 uploads", (
        "web/test_uploads.py::test_what_is_no_photo_is_refused_in_one_sentence",
        "web/test_uploads.py::test_no_broken_photo_is_answered_with_anything_else",
        "pages/test_pictures.py::test_what_is_far_too_large_is_not_even_read",
    )),
    21: ("5.3.2, 5.4.1 server-made names, attachment disposition", (
        "pages/test_pictures.py::test_a_chair_shows_a_picture_and_everyone_sees_it_and_hears_what_it_shows",
        "pages/test_addresses.py::test_a_place_that_is_not_there_is_in_no_name_of_a_file",
    )),
    22: ("6.3.1 guessing throttled", (
        "pages/test_second_proofs.py::test_after_too_many_wrong_codes_there_is_a_wait",
        "ledger/test_factors.py::test_guesses_that_are_sent_together_do_not_slip_past_the_wait",
        "pages/test_limits.py::test_passkeys_are_not_asked_for_without_end",
    )),
    23: ("6.3.3 officers", (
        "pages/test_second_proofs.py::test_an_officer_with_a_link_alone_holds_nothing_and_is_led_to_set_up_a_proof",
    )),
    24: ("6.3.8 known and unknown people", (
        "pages/test_email_links.py::test_known_and_unknown_addresses_get_the_same_answer_before_anybody_has_looked",
    )),
    25: ("6.5.1 single use under a race", (
        "ledger/test_links.py::test_of_several_who_use_a_link_at_once_one_succeeds",
        "ledger/test_factors.py::test_of_several_who_send_a_code_at_once_one_succeeds",
    )),
    26: ("6.5.2 codes of 120 bits", (
        "ledger/test_factors.py::test_a_recovery_code_has_120_bits_works_once_and_is_kept_as_a_digest",
    )),
    27: ("6.5.5, 6.6.2 links", (
        "ledger/test_links.py::test_a_link_works_for_ten_minutes",
        "ledger/test_links.py::test_a_link_works_only_in_the_browser_that_asked_and_another_does_not_spoil_it",
        "pages/test_my_addresses.py::test_the_letter_is_of_no_use_to_anybody_else",
    )),
    28: ("6.8.2, 10.5 OpenID Connect", (
        "pages/test_work_accounts.py::test_a_token_that_is_not_right_signs_nobody_in",
        "pages/test_work_accounts.py::test_the_answer_is_taken_once_and_only_in_the_browser_that_asked",
    )),
    29: ("7.2.4 the session changes at sign-in", (
        "pages/test_sessions.py::test_the_token_changes_at_sign_in_and_the_old_one_opens_nothing",
        "pages/test_sessions.py::test_a_token_that_somebody_planted_is_not_taken_over_at_sign_in",
    )),
    30: ("7.4.1-2 a copied cookie dies", (
        "pages/test_sessions.py::test_a_copied_cookie_dies_at_sign_out",
        "pages/test_sessions.py::test_whoever_is_barred_is_out_at_once",
        "ledger/test_sessions.py::test_whoever_is_erased_is_out_at_once",
    )),
    31: ("8.2.1-3 role × route × field", (
        "people/test_matrix.py::test_each_role_gets_from_each_route_what_the_table_says",
        "people/test_matrix.py::test_a_new_route_without_a_declaration_is_found",
        "people/test_extra_fields.py::test_every_form_behind_a_role_is_tried",
    )),
    32: ("8.4.1 another authority's id", (
        "people/test_matrix.py::test_a_round_of_another_authority_looks_like_one_that_is_not_there",
        "people/test_apart.py::test_no_page_of_a_desk_says_anything_of_the_other_authority",
    )),
    33: ("9.2.2-4 tokens bound to purpose and authority", (
        "ledger/test_sessions.py::test_a_token_is_bound_to_what_it_was_made_for",
        "pages/test_inviting.py::test_another_authoritys_invitation_is_not_there",
        "pages/test_my_addresses.py::test_a_link_to_sign_in_adds_no_address",
    )),
    34: ("11.5.1 tokens of 128 bits and more", (
        "ledger/test_sessions.py::test_only_the_digest_of_a_token_is_kept_and_it_holds_256_bits",
    )),
    35: ("13.4.2 debug off; 14.2.1 no secrets in addresses", (
        "security/test_safe_start.py::test_a_site_for_the_public_is_not_started_with",
        "security/test_every_route.py::test_a_secret_stands_in_no_address_and_on_no_page",
        "security/test_half_done.py::test_whatever_breaks_in_a_view_is_answered_with_one_sentence_and_nothing_more",
    )),
    36: ("14.3.2 no-store on private pages", ("security/test_every_route.py::test_nobody_keeps_what_is_not_for_everybody",)),
    37: ("15.3.3 extra form fields", ("people/test_extra_fields.py::test_extra_fields_change_nothing",)),
    38: ("16.2.5, 16.4.1 logs", (
        "security/test_logs.py::test_the_servers_log_has_a_line_for_each_request_and_no_secret_in_it",
        "security/test_logs.py::test_a_fault_of_ours_writes_no_form_into_the_log",
        "pages/test_email_links.py::test_no_secret_of_a_link_is_in_any_log",
    )),
    39: ("16.5.3 errors fail closed, no trace", (
        "security/test_half_done.py::test_whatever_breaks_in_a_view_is_answered_with_one_sentence_and_nothing_more",
        "web/test_refusals.py::test_a_fault_of_ours_shows_no_trace_and_is_written_to_the_log",
    )),
}  # fmt: skip

# Incidents that software of this kind has had, by class. What this site cannot do yet has no test yet.
INCIDENTS: dict[str, tuple[str, ...]] = {
    "a race on votes, supports or redemptions": (
        "ledger/test_rounds.py::test_a_vote_can_be_changed_until_the_close_and_not_after",
        "faults/test_races.py::test_one_key_sent_at_once_from_everywhere_is_one_entry_and_one_answer",
    ),
    "rules or budget edited after the first vote": ("ledger/test_bypasses.py",),
    "a decision, template or roll route open to the wrong role": (
        "people/test_matrix.py::test_each_role_gets_from_each_route_what_the_table_says",
    ),
    "drafts and ballots seen through an export": ("pages/test_results.py::test_before_the_count_nothing_is_published",),
    "a token or id of one authority used at another": (
        "people/test_apart.py::test_what_is_the_other_authoritys_cannot_be_typed_into_a_form",
        "people/test_apart.py::test_a_form_that_is_sent_to_the_other_authoritys_address_is_not_there",
    ),
    "SQL through an order or a filter": (
        "security/test_hostile_words.py::test_what_stands_in_an_address_is_text_and_no_question_to_the_database",
    ),
    "a stored script in a name, a log, a ballot or an officer's page": (
        "security/test_hostile_words.py::test_what_is_stored_is_text_on_every_page_for_everybody",
    ),
    "a reflected script in any parameter": (
        "security/test_hostile_words.py::test_what_stands_in_an_address_is_text_and_no_question_to_the_database",
    ),
    "an upload by its name, or as SVG": ("web/test_uploads.py::test_what_is_no_photo_is_refused_in_one_sentence",),
    "a hostile address fetched": ("security/test_reaching_out.py::test_no_address_that_somebody_types_is_asked_for_anything",),
    "an export used signed-out or by another person": (
        "pages/test_my_data.py::test_nobody_sees_what_is_held_about_somebody_else",
    ),
    "an expired invitation revived": (
        "pages/test_inviting.py::test_an_invitation_that_was_used_or_withdrawn_is_over",
        "ledger/test_invitations.py::test_an_expired_or_withdrawn_invitation_is_never_revived",
    ),
    "a form that is exempt from its token": (
        "security/test_every_route.py::test_no_unsafe_route_takes_anything_without_its_token",
    ),
    "an old backup restored, then a fork signed": (
        "log/test_history.py::test_a_database_that_is_behind_records_nothing_and_signs_nothing",
        "log/test_history.py::test_after_a_restore_serve_publish_and_every_recording_command_refuse_in_one_sentence",
    ),
    "an upgrade in the middle of a round that breaks what was kept": ("ledger/test_upgrading.py",),
    "who voted for what, from what is published": (
        "pages/test_results.py::test_no_file_names_a_voter_or_says_when_they_voted",
        "pages/test_results.py::test_the_order_of_the_ballots_is_not_that_in_which_they_were_cast",
    ),
}

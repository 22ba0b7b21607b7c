"""The rules that have names, and where each of their borders is tested.

A rule without a test, and a test that is no more, fail the build. What the rules say
stands in the floors' READMEs and in the docstrings of the verbs that hold them.
"""

# rule -> {what is tested: file::test}, files below tests/.
RULES: dict[str, dict[str, str]] = {
    "M1": {
        "minor units of 0, 2 and 3 decimals": "payouts/test_commissions_borders.py::test_m1_m3_minor_units_are_those_of_the_currency",
        "decimals of ISO 4217": "common/test_money.py::test_a_currency_has_the_decimals_of_iso_4217",
        "no float is ever read": "common/test_money.py::test_a_float_is_never_read",
    },
    "M2": {
        "tax included earns as tax excluded": "shops/test_intake_shopify_amounts.py::test_an_order_with_vat_in_its_prices_earns_the_same_as_one_without",
        "tax is no part of the base": "payouts/test_commissions.py::test_tax_is_no_part_of_the_base",
        "no shipping": "shops/test_intake_shopify_amounts.py::test_shipping_and_its_vat_are_no_lines",
        "no gift card": "shops/test_intake_shopify_amounts.py::test_a_gift_card_is_worth_nothing_and_takes_no_discount",
        "no discount": "shops/test_intake_shopify_amounts.py::test_allocated_discounts_are_believed_and_nothing_else",
    },
    "M3": {
        "half up, once, 0.145 and 0.005 and 0.004999": "payouts/test_commissions.py::test_a_commission_is_rounded_once_half_up",
        "each line by itself": "payouts/test_commissions.py::test_each_line_is_rounded_by_itself",
        "never above the base": "common/test_money.py::test_a_share_never_exceeds_what_it_is_of",
    },
    "M4": {
        "a zero is explained and not payable": "payouts/test_commissions.py::test_a_zero_is_explained_but_not_payable",
        "a budget that is used up": "payouts/test_commissions_budgets.py::test_m4_nothing_is_explained_where_the_program_is_used_up",
    },
    "M5": {
        "the odd cent of 0.99 goes around": "common/test_money.py::test_the_odd_cent_of_two_halves_goes_around",
        "parts add up": "common/test_money.py::test_parts_add_up_and_stay_within_a_cent_of_their_share",
    },
    "M6": {
        "two currencies, nothing converted": "payouts/test_commissions_borders.py::test_m6_two_currencies_of_one_program_are_two_sums_and_nothing_is_converted",
        "one balance a currency": "payouts/test_portal_home.py::test_each_currency_stands_alone_the_busiest_first",
    },
    "R1": {
        "whom, what and when": "shops/test_rates.py::test_a_rate_names_whom_what_and_when",
        "an amount for each unit": "payouts/test_commissions.py::test_a_flat_amount_is_paid_by_the_unit_up_to_the_cap",
        "to the microsecond": "payouts/test_commissions_rates.py::test_a_rate_holds_from_its_first_moment_to_before_its_end",
    },
    "R2": {
        "each rank, with those above it removed one by one": "payouts/test_commissions_rates.py::test_each_rank_wins_once_those_above_it_have_ended",
        "each rank alone": "payouts/test_commissions_rates.py::test_a_rate_alone_reaches_the_line",
        "an exclusion beats all": "creators/test_attribution_refusals.py::test_an_excluded_product_or_branch_earns_nothing",
    },
    "R3": {
        "losers are kept": "payouts/test_commissions_rates.py::test_those_who_lost_are_kept",
        "units are compared in money": "payouts/test_commissions_promises.py::test_a_percentage_and_an_amount_are_compared_on_the_line",
    },
    "R4": {
        "the order's moment decides": "payouts/test_commissions_rates.py::test_a_later_sale_of_an_earlier_order_has_the_rate_of_the_order",
        "later changes change nothing": "creators/test_attribution_life.py::test_what_happens_after_the_verdict_changes_nothing",
        "the hour that clocks show twice": "payouts/test_commissions_borders.py::test_r4_the_hour_that_paris_has_twice_is_two_hours",
    },
    "R5": {
        "all that decided is kept": "payouts/test_commissions.py::test_a_sale_keeps_everything_that_decided",
        "a correction uses it": "payouts/test_commissions_rates.py::test_a_correction_uses_the_rate_of_the_sale",
    },
    "R6": {
        "an increase at once": "payouts/test_commissions_promises.py::test_an_increase_holds_at_once",
        "a decrease after the notice": "payouts/test_commissions_promises.py::test_a_decrease_reaches_those_enrolled_before_after_the_notice",
        "who enrolls later at once": "payouts/test_commissions_promises.py::test_a_decrease_reaches_at_once_who_enrolls_at_the_announcement_or_later",
        "told at the announcement": "creators/test_announcing_rates.py::test_a_lower_rate_is_told_at_once_with_the_moment_it_binds",
        "and two days before, to the microsecond": "creators/test_announcing_rates.py::test_it_is_told_again_two_days_before_it_binds",
        "once, also when killed": "creators/test_announcing_rates.py::test_an_announcement_whose_worker_dies_is_told_once_by_the_next",
        "in French and in English": "creators/test_announcing_ends.py::test_each_reads_it_in_their_own_language_by_mail",
        "an exclusion is a decrease": "creators/test_attribution_promises.py::test_an_exclusion_waits_for_those_enrolled_before",
    },
    "R7": {
        "outside is refused, saying the bounds": "shops/test_rates.py::test_a_rate_outside_the_bounds_is_refused_saying_them",
        "on the bounds": "shops/test_rates.py::test_a_rate_on_the_bounds_is_accepted",
    },
    "R8": {
        "what it would have cost, by creator and product": "payouts/test_previews.py::test_a_rate_costs_what_it_would_have",
        "who loses and gains": "payouts/test_previews.py::test_the_largest_losses_come_first_and_then_the_largest_gains",
        "the very statements: as if it had been so": "stories/test_previews.py::test_a_preview_is_what_would_have_been_earned",
        "before it is saved, in the admin": "payouts/test_admin_previews.py::test_the_first_press_shows_what_it_would_have_cost_and_saves_nothing",
        "a dry run leaves nothing": "payouts/test_api_previews.py::test_a_preview_leaves_no_row_and_uses_up_no_key",
    },
    "B1": {
        "to the microsecond": "payouts/test_commissions_boosts.py::test_a_boost_holds_from_its_first_moment_to_before_its_end",
        "days of 23 and 25 hours": "payouts/test_commissions_borders.py::test_b1_a_boost_of_a_day_in_paris_lasts_as_long_as_that_day",
        "told to its members alone": "creators/test_announcing_boosts.py::test_a_private_boost_is_told_to_its_members_alone",
        "one creator's is not another's": "payouts/test_commissions_boosts.py::test_a_boost_of_one_creator_is_not_anothers",
    },
    "B2": {
        "never multiplied": "payouts/test_commissions_boosts.py::test_boosts_never_multiply_each_other",
        "overlapping": "payouts/test_commissions_borders.py::test_b2_of_overlapping_boosts_each_moment_has_the_best_alone",
        "capped": "payouts/test_commissions_boosts.py::test_rate_and_boost_together_stay_under_the_cap",
    },
    "B3": {
        "starts in the future": "shops/test_boosts.py::test_a_boost_that_has_started_is_refused",
        "ended early": "payouts/test_commissions_borders.py::test_b3_a_boost_ended_early_holds_until_that_moment_and_no_longer",
        "extended": "payouts/test_commissions_borders.py::test_b3_what_was_sold_before_a_boost_was_extended_stays",
    },
    "B4": {
        "clamped at the last cent": "payouts/test_commissions_budgets.py::test_b4_the_commission_that_meets_the_end_is_clamped",
        "then it is over": "payouts/test_commissions_budgets.py::test_b4_then_the_boost_is_over_and_the_next_sale_has_none",
        "three hundred at once": "payouts/test_commissions_budgets_races.py::test_three_hundred_orders_at_a_budget_for_seven_spend_it_to_the_cent",
        "out of budget": "payouts/test_commissions_borders.py::test_b4_a_boost_out_of_budget_is_over_for_orders_placed_later_too",
        "shop and creators are told": "creators/test_announcing_boosts.py::test_a_boost_whose_budget_is_used_up_is_told_to_shop_and_creators",
        "random markets": "stories/test_budgets.py::test_random_markets_with_budgets_earn_what_a_plain_reading_says",
    },
    "B5": {
        "to the microsecond": "shops/test_boosts_overlapping.py::test_boosts_meet_to_the_microsecond",
        "shown, and not saved": "shops/test_boosts_overlapping.py::test_an_overlap_is_shown_in_words_and_not_saved",
        "saved once it was seen": "shops/test_boosts_overlapping.py::test_an_overlap_that_was_seen_is_saved",
    },
    "P1": {
        "open": "creators/test_enrollments.py::test_an_open_program_takes_who_applies_at_once",
        "on approval": "creators/test_enrollments.py::test_a_program_on_approval_lets_wait",
        "by invitation, with own rates": "creators/test_enrollments.py::test_an_invitation_carries_a_rate_of_its_own",
        "its end, pause and going on are told": "creators/test_announcing_programs.py::test_a_pause_and_what_follows_are_told",
        "a planned end": "shops/test_programs_end.py::test_a_planned_end_is_the_last_moment_that_is_attributed",
    },
    "P2": {
        "each rule told with both sides": "creators/test_eligibility.py::test_each_rule_is_told_with_both_sides",
        "a birthday at midnight": "creators/test_eligibility.py::test_a_birthday_begins_at_midnight_where_the_shop_is",
        "applying again": "creators/test_enrollments.py::test_who_was_rejected_applies_again_as_they_were_told",
    },
    "P3": {
        "accepted with time and address": "creators/test_acceptances.py::test_joining_keeps_the_version_the_time_and_a_hash_of_the_address",
        "15 days of notice": "shops/test_terms_versions.py::test_later_terms_hold_after_15_days",
        "new terms are told": "creators/test_announcing_programs.py::test_new_terms_are_told_with_the_day_they_hold_from",
        "not a moment less": "shops/test_terms_versions.py::test_a_change_without_notice_is_refused",
    },
    "P4": {
        "to its budget and no cent more": "payouts/test_commissions_budgets.py::test_p4_the_program_earns_to_its_budget_and_no_cent_more",
        "then it is paused": "shops/test_budgets.py::test_a_program_whose_budget_is_used_up_is_paused_until_it_is_raised",
    },
    "P5": {
        "blocked": "shops/test_gates.py::test_nicotine_in_france_is_refused",
        "an age to exclude": "shops/test_gates.py::test_gambling_without_age_exclusion_is_refused",
        "a licence that runs out": "shops/test_gates.py::test_crypto_is_paused_when_its_licence_has_run_out",
        "at enrollment": "creators/test_enrollments_gates.py::test_a_gate_is_closed_to_creators_of_its_country",
        "dated": "shops/test_gates.py::test_a_rule_holds_from_its_own_day_on",
    },
    "A1": {
        "one verdict a line": "creators/test_attribution.py::test_every_line_of_an_order_has_one_verdict",
        "also nobody": "creators/test_attribution.py::test_a_line_without_touches_is_nobodys",
    },
    "A2": {
        "the three policies": "creators/test_attribution_codes.py::test_the_programs_policy_decides_when_a_code_earns",
        "the first code as applied": "creators/test_attribution_codes.py::test_of_several_codes_the_first_as_applied_wins",
        "on a tie the older": "creators/test_attribution_codes.py::test_one_text_in_two_programs_of_a_shop_is_the_older_code",
    },
    "A3": {
        "to the microsecond": "creators/test_attribution.py::test_the_window_holds_exactly_its_length",
        "across the change of the clock": "creators/test_attribution.py::test_a_window_across_the_change_of_the_clock_counts_hours",
        "who may not earn is skipped": "creators/test_attribution.py::test_a_later_click_that_may_not_earn_leaves_it_to_the_earlier_one",
    },
    "A4": {
        "halo": "creators/test_attribution.py::test_a_click_credits_the_other_products_of_the_program",
        "without": "creators/test_attribution.py::test_without_halo_a_link_to_a_product_credits_that_product_only",
    },
    "A5": {
        "a bad code erases nothing": "creators/test_attribution_codes.py::test_a_bad_code_never_erases_a_valid_click",
        "a used-up code neither": "creators/test_attribution_codes.py::test_a_used_up_code_never_erases_a_valid_click",
    },
    "A6": {
        "enrollment": "creators/test_attribution_refusals.py::test_the_enrollment_counts_at_the_moment_of_the_order",
        "program": "creators/test_attribution_refusals.py::test_the_program_counts_at_the_moment_of_the_order",
        "own purchase": "creators/test_attribution_refusals.py::test_creators_earn_nothing_on_their_own_purchases",
        "a bot": "creators/test_attribution_refusals.py::test_a_bots_click_never_attributes",
        "clicked after the order": "creators/test_attribution.py::test_a_click_counts_up_to_the_moment_of_the_order",
        "unpaid": "creators/test_attribution_life.py::test_a_line_of_an_unpaid_order_waits",
        "cancelled": "creators/test_attribution_life.py::test_a_line_of_a_cancelled_order_is_nobodys",
    },
    "A7": {
        "every order of six facts": "shops/test_orders_converge.py::test_six_facts_in_every_order_leave_one_state",
        "sixty at once": "shops/test_orders_converge.py::test_sixty_who_bring_one_order_at_once_leave_one",
    },
    "A9": {
        "every touch and why it lost": "creators/test_attribution.py::test_the_verdict_keeps_every_touch_and_why_it_lost",
        "nothing of others": "payouts/test_portal_commission.py::test_what_others_showed_is_never_told",
    },
    "C1": {
        "arrows": "payouts/test_constraints_commissions.py::test_a_commission_moves_along_its_arrows_only",
        "held and back": "payouts/test_commissions_holds.py::test_what_is_unpaid_is_held_and_goes_back_where_it_was",
    },
    "C2": {
        "working days in France": "payouts/test_commissions_dates.py::test_the_right_of_withdrawal_ends_on_a_working_day_in_france",
        "midnight of the shop": "payouts/test_commissions_dates.py::test_each_shop_has_its_own_midnight",
        "hold days or the law": "payouts/test_commissions_dates.py::test_the_hold_lasts_its_days_or_the_withdrawal",
    },
    "C3": {
        "silence approves": "payouts/test_commissions_holds.py::test_silence_approves_and_declining_in_time_does_not",
        "a closed list": "payouts/test_commissions_holds.py::test_a_shop_declines_what_waits",
    },
    "C4": {
        "pending": "payouts/test_commissions_life.py::test_a_refund_reduces_what_waits",
        "approved": "payouts/test_commissions_life.py::test_a_refund_of_the_approved_is_a_sibling_approved_at_once",
        "paid": "payouts/test_commissions_life.py::test_a_refund_of_what_is_paid_is_a_clawback_for_the_next_payout",
        "never more than the commission": "payouts/test_commissions_life.py::test_clawbacks_never_exceed_the_commission",
        "of a clamped sale": "payouts/test_commissions_budgets.py::test_b4_a_refund_leaves_what_the_rest_earns_and_the_grant_stays_spent",
    },
    "C5": {
        "nothing of nothing": "payouts/test_commissions_life.py::test_a_refund_of_a_line_that_earned_nothing_changes_nothing",
        "a won chargeback": "payouts/test_commissions_life.py::test_a_won_chargeback_restores_what_is_not_refunded",
    },
    "C6": {
        "first purchase": "payouts/test_commissions_conditions.py::test_a_first_purchase_has_the_rate_and_a_second_the_next",
        "caps": "payouts/test_commissions_conditions.py::test_so_many_sales_have_the_rate_and_the_others_the_next",
        "a period ends at midnight in Paris": "payouts/test_commissions_conditions.py::test_a_period_ends_at_midnight_in_paris",
        "the last place at once": "payouts/test_commissions_caps_races.py::test_many_workers_never_take_one_place_twice",
    },
}  # fmt: skip
# Of sections M, R, B, P, A and C; A8 and P6, P7 come with portal and disclosure.
NAMED = {
    *(f"M{n}" for n in range(1, 7)),
    *(f"R{n}" for n in range(1, 9)),
    *(f"B{n}" for n in range(1, 6)),
    *(f"P{n}" for n in range(1, 6)),
    *(f"A{n}" for n in range(1, 10) if n != 8),
    *(f"C{n}" for n in range(1, 7)),
}

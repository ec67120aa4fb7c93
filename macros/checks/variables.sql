{#-
    The range of every variable of vars.yml. It is checked while dbt parses and before the first
    model, so a value that makes no sense stops `dbt build`, `dbt compile` and `dbt run-operation`
    alike, with one line for each.

    The checks below append to `problems` what is wrong; they return nothing.
-#}

{%- macro check_variables() -%}
    {%- set problems = [] -%}

    {%- do check_iso_date(problems, 'as_of', or_empty=true, or_midnight=true) -%}
    {%- do check_iso_date(problems, 'earliest_timestamp') -%}
    {%- do check_whole_numbers(problems, 'lookback_days', 1, 365) -%}
    {%- do check_whole_numbers(problems, 'cart_lookback_days', 1, 90) -%}
    {%- do check_whole_number(problems, 'session_minutes', 1, 1440) -%}
    {%- do check_whole_number(problems, 'clock_skew_days', 0, 30) -%}
    {%- do check_whole_number(problems, 'lateness_days', 0, 60) -%}
    {%- do check_whole_number(problems, 'sequential_planned_units', 100, 1000000000) -%}
    {#- An attribute of today may be what the treatment has made of it; only the ledger knows how a unit was before. -#}
    {%- set recorded = 'segment, stratum, lifecycle_stage, loyalty_tier, country_code, preferred_device' -%}
    {%- set hint = '; any other attribute may be what the treatment made it' -%}
    {%- do check_any_of(problems, 'slice_dimensions', recorded, hint, may_be_empty=true) -%}
    {%- do check_switch(problems, 'reload_late_rows') -%}
    {%- do check_whole_number(problems, 'bot_events_per_day', 100, 1000000) -%}
    {%- do check_currency_code(problems, 'reporting_currency') -%}
    {%- do check_identifier_limits(problems, 'max_users_per_identifier', 1, 1000) -%}
    {%- do check_whole_number(problems, 'max_identifiers_per_customer', 2, 1000000) -%}
    {%- do check_switch(problems, 'probabilistic_matching') -%}
    {%- do check_probability(problems, 'match_probability_threshold', 0.5, 1) -%}
    {%- do check_probability(problems, 'match_prior_probability', 0, 0.5) -%}
    {%- do check_not_below(problems, 'erasure_match_probability', 'match_probability_threshold', 1) -%}
    {%- do check_positive(problems, 'interest_half_life_days', 365) -%}
    {%- do check_value_bands(problems, 'cart_value_bands') -%}
    {%- do check_ascending(problems, 'lapsing_after_days', 'lapsed_after_days', 3650) -%}
    {%- do check_whole_number(problems, 'recent_purchase_days', 1, 365) -%}
    {%- do check_whole_number(problems, 'propensity_horizon_days', 7, 180) -%}
    {%- do check_whole_number(problems, 'value_horizon_days', 7, 365) -%}
    {%- do check_whole_number(problems, 'attribution_days', 30, 3650) -%}
    {%- do check_whole_number(problems, 'attribution_lookback_days', 1, 90) -%}
    {%- do check_positive(problems, 'attribution_half_life_days', 90) -%}
    {#- A would-be impression reached nobody. -#}
    {%- do check_any_of(problems, 'attribution_touch_types', 'impression, click, open, send') -%}
    {%- do check_choice(problems, 'attribution_consent', 'analytics or email_marketing or ad_personalisation or none') -%}
    {%- do check_positive(problems, 'gross_margin_share', 1) -%}
    {%- do check_whole_number(problems, 'clv_window_days', 28, 730) -%}
    {%- do check_ascending(problems, 'segment_min_size', 'segment_max_size', 1000000000) -%}
    {%- do check_retention(problems, 'retention_days', 36500) -%}
    {%- do check_whole_number(problems, 'segment_history_days', 0, 36500) -%}
    {%- do check_whole_number(problems, 'upload_report_days', 1, 365) -%}
    {%- do check_choice(problems, 'launch_gate', 'warn or error') -%}
    {%- do check_name(problems, 'experiment_key') -%}
    {%- do check_names(problems, 'segments') -%}
    {%- do check_lookalikes(problems, 'lookalike_segments') -%}
    {%- do check_given_names(problems) -%}

    {%- if problems -%}
        {%- do exceptions.raise_compiler_error(problems | join('\n')) -%}
    {%- endif -%}
{%- endmacro -%}


{%- macro refuse(problems, name, allowed, given) -%}
    {%- set shown = tojson(given) if given is string else given -%}
    {%- do problems.append(
        'Variable ' ~ name ~ ': allowed is ' ~ allowed ~ '; given is ' ~ shown ~ '.'
    ) -%}
{%- endmacro -%}


{%- macro check_iso_date(problems, name, or_empty=false, or_midnight=false) -%}
    {#- YAML reads an unquoted 2026-04-01 as a date and 2026-04-01T00:00:00 as a timestamp; both
        mean what they say. -#}
    {%- set given = var(name, none) -%}
    {%- set text = given | string -%}
    {%- if given is not string -%}
        {%- set text = text | replace(' 00:00:00', 'T00:00:00') -%}
    {%- endif -%}
    {%- set midnight = '(T00:00:00)?' if or_midnight else '' -%}
    {%- set found = modules.re.fullmatch('([0-9]{4})-([0-9]{2})-([0-9]{2})' ~ midnight, text) -%}
    {%- set parts = found.groups() if found else [0, 0, 0] -%}
    {%- set year, month, day = parts[0] | int, parts[1] | int, parts[2] | int -%}
    {%- set in_range = year >= 1 and 1 <= month <= 12 and 1 <= day <= 31 -%}
    {%- if in_range -%}
        {#- The calendar has the day if the first of its month plus its days stays in the month. -#}
        {%- set first = modules.datetime.date(year, month, 1) -%}
        {%- set date = first + modules.datetime.timedelta(days=day - 1) -%}
    {%- endif -%}
    {%- set is_good = (in_range and date.month == first.month) or (or_empty and given == '') -%}
    {%- if not is_good -%}
        {%- set allowed = 'an ISO date of the calendar, "2026-04-01"' -%}
        {%- if or_midnight -%}
            {%- set allowed = allowed ~ ', or a UTC midnight, "2026-04-01T00:00:00"' -%}
        {%- endif -%}
        {%- if or_empty -%}
            {%- set allowed = allowed ~ ', or "" for the data\'s own watermark' -%}
        {%- endif -%}
        {%- do refuse(problems, name, allowed, given) -%}
    {%- endif -%}
{%- endmacro -%}


{%- macro check_whole_number(problems, name, low, high) -%}
    {%- set given = var(name, none) -%}
    {%- if given is not integer or not low <= given <= high -%}
        {%- do refuse(problems, name, 'a whole number from ' ~ low ~ ' to ' ~ high, given) -%}
    {%- endif -%}
{%- endmacro -%}


{%- macro check_whole_numbers(problems, name, low, high) -%}
    {%- set given = var(name, none) -%}
    {%- set is_list = given is sequence and given is not string and given is not mapping -%}
    {%- set good = [] -%}
    {%- for value in (given if is_list else []) if value is integer and low <= value <= high -%}
        {%- do good.append(value) -%}
    {%- endfor -%}
    {%- set distinct = good | unique | list -%}
    {%- if not good or good | length != given | length or distinct | length != good | length -%}
        {%- set allowed = 'a list of whole numbers from ' ~ low ~ ' to ' ~ high ~ ', each once' -%}
        {%- do refuse(problems, name, allowed, given) -%}
    {%- endif -%}
{%- endmacro -%}


{%- macro check_currency_code(problems, name) -%}
    {%- set given = var(name, none) -%}
    {%- if given is not string or not modules.re.fullmatch('[A-Z]{3}', given) -%}
        {%- do refuse(problems, name, 'three capital letters, "USD"', given) -%}
    {%- endif -%}
{%- endmacro -%}


{%- macro check_identifier_limits(problems, name, low, high) -%}
    {%- set given = var(name, none) -%}
    {%- set types = ['anonymous_id', 'email', 'phone'] -%}
    {%- set good = [] -%}
    {%- for type in types if given is mapping -%}
        {%- if given.get(type) is integer and low <= given.get(type) <= high -%}
            {%- do good.append(type) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if good != types or given | length != types | length -%}
        {%- set allowed = 'a whole number from ' ~ low ~ ' to ' ~ high -%}
        {%- set allowed = allowed ~ ' for each of ' ~ types | join(', ') -%}
        {%- do refuse(problems, name, allowed, given) -%}
    {%- endif -%}
{%- endmacro -%}


{%- macro check_switch(problems, name) -%}
    {%- set given = var(name, none) -%}
    {%- if given is not boolean -%}
        {%- do refuse(problems, name, 'true or false', given) -%}
    {%- endif -%}
{%- endmacro -%}


{%- macro check_name(problems, name) -%}
    {%- set given = var(name, none) -%}
    {%- if given is not string or not modules.re.fullmatch('[A-Za-z0-9_.-]*', given) -%}
        {%- do refuse(problems, name, 'a name of letters, digits, dots, dashes and underscores, or ""', given) -%}
    {%- endif -%}
{%- endmacro -%}


{%- macro check_choice(problems, name, choices) -%}
    {%- set given = var(name, none) -%}
    {%- if given is not string or given not in choices.split(' or ') -%}
        {%- do refuse(problems, name, choices, given) -%}
    {%- endif -%}
{%- endmacro -%}


{%- macro check_probability(problems, name, low, high) -%}
    {%- set given = var(name, none) -%}
    {%- if given is not number or given is boolean or not low <= given <= high -%}
        {%- do refuse(problems, name, 'a number from ' ~ low ~ ' to ' ~ high, given) -%}
    {%- endif -%}
{%- endmacro -%}


{%- macro check_not_below(problems, name, lower, high) -%}
    {#- What takes people out for good asks for at least as much evidence as what keeps a message back. -#}
    {%- set low, given = var(lower, none), var(name, none) -%}
    {%- set low = low if low is number and low is not boolean and low <= high else 0 -%}
    {%- if given is not number or given is boolean or not low <= given <= high -%}
        {%- do refuse(problems, name, 'a number from ' ~ lower ~ ' (' ~ low ~ ') to ' ~ high, given) -%}
    {%- endif -%}
{%- endmacro -%}


{%- macro check_positive(problems, name, high) -%}
    {%- set given = var(name, none) -%}
    {%- if given is not number or given is boolean or not 0 < given <= high -%}
        {%- do refuse(problems, name, 'a number above 0 and up to ' ~ high, given) -%}
    {%- endif -%}
{%- endmacro -%}


{%- macro check_value_bands(problems, name) -%}
    {%- set given = var(name, none) -%}
    {%- set mid = given.get('mid') if given is mapping -%}
    {%- set high = given.get('high') if given is mapping -%}
    {%- set mid_is_number = mid is number and mid is not boolean -%}
    {%- set high_is_number = high is number and high is not boolean -%}
    {%- set are_numbers = mid_is_number and high_is_number and given | length == 2 -%}
    {%- if not are_numbers or not 0 < mid < high < 1e12 -%}
        {%- do refuse(problems, name, 'two amounts, mid and high, with 0 < mid < high', given) -%}
    {%- endif -%}
{%- endmacro -%}


{%- macro check_retention(problems, name, high) -%}
    {#- Rows that a window still asks for must not be removed; 0 keeps a table without limit. -#}
    {%- set given = var(name, none) -%}
    {%- set tables = [
        'web/events', 'crm/contacts', 'crm/consents', 'shop/orders', 'ads/touches',
        'experiments/assignments', 'enrichment/attributes',
    ] -%}
    {%- set longest = [1] -%}
    {%- for window in ('lookback_days', 'cart_lookback_days') -%}
        {%- set windows = var(window, none) -%}
        {%- set is_list = windows is sequence and windows is not string and windows is not mapping -%}
        {%- for days in (windows if is_list else []) if days is integer -%}
            {%- do longest.append(days) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set low = longest | max -%}
    {%- for period in ('lapsed_after_days', 'recent_purchase_days') if var(period, none) is integer -%}
        {%- do longest.append(var(period)) -%}
    {%- endfor -%}
    {%- set low_of_orders = longest | max -%}
    {%- set bad = [] -%}
    {%- for table, days in (given.items() if given is mapping else []) -%}
        {%- set is_days = days is integer and days is not boolean and (
            days == 0 or (low_of_orders if table == 'shop/orders' else low) <= days <= high
        ) -%}
        {%- if table not in tables or not is_days -%}
            {%- do bad.append(table) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if given is not mapping or bad -%}
        {%- set allowed = 'for any of ' ~ tables | join(', ') ~ ' 0 (no limit), or a whole number from ' ~ low -%}
        {%- set allowed = allowed ~ ' (the longest window; of orders ' ~ low_of_orders ~ ') to ' ~ high -%}
        {%- do refuse(problems, name, allowed, given) -%}
    {%- endif -%}
{%- endmacro -%}


{%- macro check_ascending(problems, lower, upper, limit) -%}
    {#- Two whole numbers of which the second is the greater. -#}
    {%- set low, high = var(lower, none), var(upper, none) -%}
    {%- set allowed = 'a whole number, 1 <= ' ~ lower ~ ' < ' ~ upper ~ ' <= ' ~ limit -%}
    {%- set low_is_good = low is integer and 1 <= low < limit -%}
    {%- if not low_is_good -%}
        {%- do refuse(problems, lower, allowed, low) -%}
    {%- endif -%}
    {%- if high is not integer or not 1 < high <= limit or (low_is_good and low >= high) -%}
        {%- do refuse(problems, upper, allowed, high) -%}
    {%- endif -%}
{%- endmacro -%}


{%- macro check_names(problems, name) -%}
    {#- Which families there are, and that each has its model, check_segment_families knows. -#}
    {%- set given = var(name, none) -%}
    {%- set is_list = given is sequence and given is not string and given is not mapping -%}
    {#- The list is long: only what is wrong in it is shown. -#}
    {%- set good, wrong = [], [] -%}
    {%- for value in (given if is_list else []) -%}
        {%- if value is string and value not in good and modules.re.fullmatch('[a-z][a-z0-9_]*', value) -%}
            {%- do good.append(value) -%}
        {%- else -%}
            {%- do wrong.extend([value, value] if value in good else [value]) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if wrong or not is_list -%}
        {%- do refuse(problems, name, 'a list of names in snake_case, each once', wrong or given) -%}
    {%- endif -%}
{%- endmacro -%}


{%- macro check_lookalikes(problems, name) -%}
    {#- The families that are made of scores cannot be there before their scores. -#}
    {%- set given = var(name, none) -%}
    {%- set is_list = given is sequence and given is not string and given is not mapping -%}
    {%- set scored = ['high_propensity', 'lookalikes'] -%}
    {%- set good = [] -%}
    {%- for value in (given if is_list else []) if value is string -%}
        {%- set is_named = modules.re.fullmatch("[a-z][a-z0-9_]*(/[^'\n]+?)?(@[0-9]+d)?", value) -%}
        {%- if is_named and value.split('@')[0].split('/')[0] not in scored -%}
            {%- do good.append(value) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set distinct = good | unique | list -%}
    {%- if not is_list or good | length != given | length or distinct | length != good | length -%}
        {%- set allowed = 'a list of segments, family[/variant][@Nd], each once, of families other than ' -%}
        {%- do refuse(problems, name, allowed ~ scored | join(' and '), given) -%}
    {%- endif -%}
{%- endmacro -%}


{%- macro check_any_of(problems, name, choices, hint='', may_be_empty=false) -%}
    {#- A list of some of a few words, which are given with commas between them. -#}
    {%- set given = var(name, none) -%}
    {%- set is_list = given is sequence and given is not string and given is not mapping -%}
    {%- set good = (given if is_list else []) | select('in', choices.split(', ')) | unique | list -%}
    {%- if not is_list or good | length != given | length or not (good or may_be_empty) -%}
        {%- do refuse(problems, name, 'a list of any of ' ~ choices ~ ', each once' ~ hint, given) -%}
    {%- endif -%}
{%- endmacro -%}


{%- macro check_given_names(problems) -%}
    {#- dbt takes any name on --vars in silence, so `asof` would build the wrong day. A project that
        uses this one as a package may have variables of its own. -#}
    {%- set known = [
        'as_of', 'lookback_days', 'session_minutes', 'cart_lookback_days', 'earliest_timestamp', 'clock_skew_days',
        'reporting_currency', 'max_users_per_identifier', 'max_identifiers_per_customer',
        'probabilistic_matching', 'match_probability_threshold', 'match_prior_probability',
        'erasure_match_probability',
        'bot_events_per_day', 'interest_half_life_days', 'cart_value_bands', 'lapsing_after_days',
        'lapsed_after_days', 'retention_days', 'lateness_days', 'reload_late_rows', 'recent_purchase_days',
        'segment_min_size', 'segment_max_size', 'segment_history_days', 'segments', 'upload_report_days',
        'launch_gate', 'experiment_key',
        'propensity_horizon_days', 'value_horizon_days', 'lookalike_segments', 'sequential_planned_units',
        'slice_dimensions', 'attribution_days', 'attribution_lookback_days', 'attribution_half_life_days',
        'attribution_touch_types', 'attribution_consent', 'gross_margin_share',
        'clv_window_days',
    ] -%}
    {%- set given = invocation_args_dict.get('vars') or {} -%}
    {%- for name in given if project_name == 'tessera' and name not in known -%}
        {%- do problems.append(
            'Variable ' ~ name ~ ' is given and the project has none of that name; see vars.yml.'
        ) -%}
    {%- endfor -%}
{%- endmacro -%}

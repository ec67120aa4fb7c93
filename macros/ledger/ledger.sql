{#- The ledger and its log: what makes a lost, edited or added row show. The log int_experiment_ledger_log is told of every
    change that a build makes; whatever else changes the ledger leaves a difference between the two. -#}

{%- macro ledger_columns(ledger) -%}
{#- How each column of the ledger goes into its checksum, {name: kind}; of those that the table has, since one may be
    younger than the table. -#}
    {%- set columns = {
        'experiment_key': 'text', 'unit_type': 'text', 'unit_id': 'text', 'arm_key': 'text', 'is_control': 'other',
        'segment_id': 'text', 'stratum': 'text', 'assigned_at': 'other', 'assignment_source': 'text',
        'hash_fraction': 'fraction', 'arm_fraction': 'fraction', 'lifecycle_stage': 'text', 'loyalty_tier': 'text',
        'country_code': 'text', 'preferred_device': 'text',
    } -%}
    {%- set present = (adapter.get_columns_in_relation(ledger) if execute else []) | map(attribute='name') | list -%}
    {%- set found = {} -%}
    {%- for name, kind in columns.items() if name in present or not present -%}
        {%- do found.update({name: kind}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro -%}

{%- macro ledger_checksum(columns, condition=none) -%}
{#- The sum over rows of the ledger of 32 bits of the md5 of each row's values, by the names of their columns. A column
    without a value takes no part: one that is added later leaves the checksum of older rows as it was. A fraction takes
    part as a whole number of 2^-32, which no engine writes in two ways. `condition`: of which rows. -#}
    {%- set texts = [] -%}
    {%- for name, kind in columns.items() -%}
        {%- set number = 'cast(floor(' ~ name ~ ' * 4294967296e0) as bigint)' if kind == 'fraction' else name -%}
        {%- set text = name if kind == 'text' else 'cast(' ~ number ~ ' as ' ~ dbt.type_string() ~ ')' -%}
        {%- do texts.append("coalesce('|" ~ name ~ "=' || " ~ text ~ ", '')") -%}
    {%- endfor -%}
    {%- set bits = hex_to_integer('substr(' ~ dbt.hash('concat(' ~ texts | join(', ') ~ ')') ~ ', 1, 8)') -%}
    cast(sum({{ 'case when ' ~ condition ~ ' then ' ~ bits ~ ' end' if condition else bits }}) as bigint)
{%- endmacro -%}

{%- macro ledger_differences(ledger, log) -%}
{#- A query: experiments and arms of which the ledger holds something else than its log says. `ledger` is none where there is
    no such table. -#}
    select
        experiment_key,
        arm_key,
        cast(sum(held_count) as bigint) as held_count,
        cast(sum(logged_count) as bigint) as logged_count,
        cast(sum(held_checksum) as bigint) as held_checksum,
        cast(sum(logged_checksum) as bigint) as logged_checksum
    from (
        select
            experiment_key,
            arm_key,
            0 as held_count,
            0 as held_checksum,
            unit_count as logged_count,
            coalesce(checksum, 0) as logged_checksum
        from {{ log }}
        {%- if ledger %}
        union all
        select
            experiment_key,
            arm_key,
            count(*) as held_count,
            {{ ledger_checksum(ledger_columns(ledger)) }} as held_checksum,
            0 as logged_count,
            0 as logged_checksum
        from {{ ledger }}
        group by experiment_key, arm_key
        {%- endif %}
    ) as entries
    group by experiment_key, arm_key
    having sum(held_count) <> sum(logged_count) or sum(held_checksum) <> sum(logged_checksum)
{%- endmacro -%}

{%- macro ledger_problem() -%}
{#- What a row of ledger_differences means, and what to do: a text expression. -#}
    {%- set text = dbt.type_string() -%}
    'experiment_assignments: experiment ' || experiment_key || ', arm ' || arm_key || ' has '
    || case
        when held_count < logged_count then
            cast(held_count as {{ text }}) || ' of the ' || cast(logged_count as {{ text }})
            || ' units that builds assigned: rows were lost'
        when held_count > logged_count then
            cast(held_count as {{ text }}) || ' units and builds assigned ' || cast(logged_count as {{ text }})
            || ': rows were added by hand'
        else
            'its ' || cast(held_count as {{ text }}) || ' units, but not as builds assigned them: rows were edited'
    end
    || '. Restore the table from a backup. Where there is none, dbt run-operation accept_ledger --args "{experiment_key: '
    || experiment_key || '}" takes it as it stands, and notes that it did'
{%- endmacro -%}

{%- macro log_ledger_changes(log, cause, ledger) -%}
{#- A statement that tells the log what the ledger holds beyond it. -#}
    insert into {{ log }} (experiment_key, arm_key, cause, unit_count, checksum, logged_at)
    select
        experiment_key,
        arm_key,
        '{{ cause }}',
        held_count - logged_count,
        held_checksum - logged_checksum,
        {{ run_time() }}
    from ({{ ledger_differences(ledger, log) }}) as differences
{%- endmacro -%}

{%- macro statements_that_log_anew(log, cause, entries, arms) -%}
{#- A list of statements after which the log says of some arms that they lost or gained units, and what is left of them, with
    one checksum: what a unit that left the ledger added to an older one would say of a guess whether it is right. `entries`:
    a query for experiment_key, arm_key, unit_count and the checksum of what is left; `arms`: a condition for their rows. -#}
    {%- set replaced -%}
        checksum is not null and not (cause = '{{ cause }}' and logged_at = {{ run_time() }}) and {{ arms }}
    {%- endset -%}
    {%- set log_entries -%}
        insert into {{ log }} (experiment_key, arm_key, cause, unit_count, checksum, logged_at)
        select experiment_key, arm_key, '{{ cause }}', unit_count, coalesce(checksum, 0), {{ run_time() }}
        from ({{ entries }}) as entries
    {%- endset -%}
    {%- set copy_without -%}
        insert into {{ log }} (experiment_key, arm_key, cause, unit_count, checksum, logged_at)
        select experiment_key, arm_key, cause, unit_count, null, logged_at
        from {{ log }}
        where {{ replaced }}
    {%- endset -%}
    {{ return([log_entries, copy_without] + statements_that_delete(log, replaced)) }}
{%- endmacro -%}

{%- macro check_ledger(log) -%}
{#- Before the ledger takes new rows: it must be what builds have made of it. A ledger without a log is from before there was
    one, and is taken as it stands. -#}
    {%- if execute -%}
    {%- set ledger = load_relation(this) -%}
    {%- set entries = run_query('select count(*) from ' ~ log ~ " where cause <> 'erased'").columns[0].values()[0] -%}
    {%- if ledger and not entries -%}
        {{ run_in_turn([log_ledger_changes(log, 'found', ledger)]) }}
    {%- else -%}
        {%- set query -%}
            select {{ ledger_problem() }} as problem
            from ({{ ledger_differences(ledger, log) }}) as differences
            where {{ 'held_count <= logged_count' if runs_may_end_halfway() else '1 = 1' }}
            order by experiment_key, arm_key
        {%- endset -%}
        {%- set problems = run_query(query).columns[0].values() -%}
        {%- if problems -%}
            {%- do exceptions.raise_compiler_error(
                problems[0] ~ '.'
                ~ (' ' ~ (problems | length - 1) ~ ' more arms differ.' if problems | length > 1 else '')
            ) -%}
        {%- endif -%}
        {%- if ledger and runs_may_end_halfway() -%}
            {{ run_in_turn([log_ledger_changes(log, 'found', ledger)]) }}
        {%- endif -%}
    {%- endif -%}
    {%- endif -%}
{%- endmacro -%}

{%- macro log_assignments(log) -%}
{#- After the ledger took new rows, in their transaction. -#}
    {%- if execute -%}
    {{ run_in_turn([log_ledger_changes(log, 'assigned', this)]) }}
    {%- endif -%}
{%- endmacro -%}

{%- macro forget_erased_units(log, erased_customers) -%}
{#- Before the ledger takes new rows: those of erased customers leave it, and what stays is how many there were in each
    arm. Where the engine has transactions, one with the ledger's own. -#}
    {%- set ledger = load_relation(this) -%}
    {%- if execute and ledger -%}
    {%- set of_erased -%}
        {{ tombstone("'customer_id:' || unit_id") }} in (select tombstone from {{ erased_customers }})
    {%- endset -%}
    {%- set entries -%}
        select
            experiment_key,
            arm_key,
            -count(erased.tombstone) as unit_count,
            {{ ledger_checksum(ledger_columns(ledger), 'erased.tombstone is null') }} as checksum
        from {{ ledger }} as units
        left join (select tombstone from {{ erased_customers }} group by tombstone) as erased
            on {{ tombstone("'customer_id:' || units.unit_id") }} = erased.tombstone
        group by experiment_key, arm_key
        having count(erased.tombstone) > 0
    {%- endset -%}
    {%- set arms -%}
        experiment_key || '|' || arm_key in (
            select experiment_key || '|' || arm_key from {{ ledger }} where {{ of_erased }}
        )
    {%- endset -%}
    {{ run_in_turn(
        statements_that_log_anew(log, 'erased', entries, arms) + statements_that_delete(ledger, of_erased)
    ) }}
    {%- endif -%}
{%- endmacro -%}

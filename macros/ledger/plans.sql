{#- What an experiment cannot change once it has units in the ledger. -#}

{%- macro check_plans(changes) -%}
{#- Before the ledger takes new rows, for runs without tests: what assert_begun_experiments_are_unchanged says. -#}
    {%- if execute -%}
        {%- set problems = run_query('select problem from ' ~ changes ~ ' order by problem').columns[0].values() -%}
        {%- if problems -%}
            {%- do exceptions.raise_compiler_error(
                problems[0] ~ '.' ~ (' ' ~ (problems | length - 1) ~ ' more such changes.' if problems | length > 1 else '')
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro -%}

{%- macro note_plans(plans, settings) -%}
{#- After the ledger took new rows: the settings of experiments whose first units they were. -#}
    {%- set notes -%}
        insert into {{ plans }} (experiment_key, arm_key, setting, planned_value, planned_at)
        select experiment_key, arm_key, setting, setting_value, {{ run_time() }}
        from {{ settings }}
        where
            experiment_key in (select experiment_key from {{ this }})
            and experiment_key not in (select experiment_key from {{ plans }})
    {%- endset -%}
    {%- if execute -%}
    {{ run_in_turn([notes]) }}
    {%- endif -%}
{%- endmacro -%}

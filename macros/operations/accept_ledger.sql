{%- macro accept_ledger(experiment_key) -%}
{#-
    `dbt run-operation accept_ledger --args '{experiment_key: x}'`: takes the ledger's rows of an experiment as they stand,
    and notes in its log by how much they differ from what builds wrote. For a loss that cannot be repaired: lost units that
    are still in the segment are drawn again by the next build, from that day on.
-#}
    {%- if execute -%}
    {%- set nodes = project_nodes() -%}
    {%- set log_name = nodes['int_experiment_ledger_log'].relation_name -%}
    {%- set ledger = adapter.get_relation(
        nodes['experiment_assignments'].database, nodes['experiment_assignments'].schema, 'experiment_assignments'
    ) -%}
    {%- set condition = 'experiment_key = ' ~ dbt.string_literal(dbt.escape_single_quotes(experiment_key)) -%}
    {%- set differences = run_query(
        'select arm_key, held_count, logged_count, held_checksum from (' ~ ledger_differences(ledger, log_name)
        ~ ') as differences where ' ~ condition ~ ' order by arm_key'
    ).rows -%}
    {%- if not differences -%}
        {%- do exceptions.raise_compiler_error(
            'accept_ledger: the ledger holds of ' ~ experiment_key ~ ' what builds wrote; there is nothing to accept. Is'
            ~ ' the key right?'
        ) -%}
    {%- endif -%}
    {%- set said = [] -%}
    {%- for arm_key, held, logged, checksum in differences -%}
        {%- set entry -%}
            select
                {{ dbt.string_literal(dbt.escape_single_quotes(experiment_key)) }} as experiment_key,
                {{ dbt.string_literal(dbt.escape_single_quotes(arm_key)) }} as arm_key,
                {{ held - logged }} as unit_count,
                {{ checksum }} as checksum
        {%- endset -%}
        {%- set arm = condition ~ ' and arm_key = ' ~ dbt.string_literal(dbt.escape_single_quotes(arm_key)) -%}
        {%- for statement in statements_that_log_anew(log_name, 'accepted', entry, arm) -%}
            {%- do run_query(statement) -%}
        {%- endfor -%}
        {%- do said.append(arm_key ~ ' ' ~ held ~ ' of ' ~ logged) -%}
    {%- endfor -%}
    {%- do adapter.commit() -%}
    {%- do log(
        'accept_ledger: ' ~ experiment_key ~ ' is taken as it stands. Units held of those assigned: ' ~ said | join(', ') ~ '.',
        info=true
    ) -%}
    {%- endif -%}
{%- endmacro -%}

{%- macro project_nodes() -%}
{#- The models and seeds of the project by name, for what is run by hand. -#}
    {%- set nodes = {} -%}
    {%- for node in graph.nodes.values() if node.resource_type in ('model', 'seed') -%}
        {%- do nodes.update({node.name: node}) -%}
    {%- endfor -%}
    {{ return(nodes) }}
{%- endmacro -%}

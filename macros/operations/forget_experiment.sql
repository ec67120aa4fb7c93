{%- macro forget_experiment(experiment_key) -%}
{#-
    `dbt run-operation forget_experiment --args '{experiment_key: x}'`: takes an experiment's units out of the ledger,
    for good. For one that was a trial or a mistake; one that ran is ended by its ends_at and kept. Refuses while the
    seeds still define the experiment, whose members the next build would assign anew.
-#}
    {%- if execute -%}
    {%- set nodes = {} -%}
    {%- for node in graph.nodes.values() if node.resource_type in ('model', 'seed') -%}
        {%- do nodes.update({node.name: node}) -%}
    {%- endfor -%}
    {%- set condition = 'experiment_key = ' ~ dbt.string_literal(dbt.escape_single_quotes(experiment_key)) -%}

    {%- set defined = run_query('select count(*) from ' ~ nodes['experiments'].relation_name ~ ' where ' ~ condition).columns[0].values()[0] -%}
    {%- if defined -%}
        {%- do exceptions.raise_compiler_error(
            'forget_experiment: ' ~ experiment_key ~ ' still stands in seeds/experiments.csv as it was built last. Take'
            ~ ' its rows out of experiments.csv, experiment_arms.csv and experiment_metrics.csv, run dbt seed, and run'
            ~ ' this again.'
        ) -%}
    {%- endif -%}

    {%- set ledger = nodes['experiment_assignments'].relation_name -%}
    {%- set units = run_query('select count(*) from ' ~ ledger ~ ' where ' ~ condition).columns[0].values()[0] -%}
    {%- if not units -%}
        {%- do exceptions.raise_compiler_error(
            'forget_experiment: ' ~ experiment_key ~ ' has no unit in the ledger; is the key right?'
        ) -%}
    {%- endif -%}
    {#- What is remembered of it goes too: a new experiment of that key would begin with it. -#}
    {%- for memory in ('experiment_assignments', 'int_experiment_erasures', 'int_experiment_finished_statistics') -%}
        {%- set relation = adapter.get_relation(nodes[memory].database, nodes[memory].schema, memory) -%}
        {%- for statement in (statements_that_delete(relation, condition) if relation else []) -%}
            {%- do run_query(statement) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do adapter.commit() -%}
    {%- do log('forget_experiment: ' ~ units ~ ' units of ' ~ experiment_key ~ ' left the ledger.', info=true) -%}
    {%- endif -%}
{%- endmacro -%}

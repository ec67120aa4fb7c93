{%- macro forget_experiment(experiment_key) -%}
{#-
    `dbt run-operation forget_experiment --args '{experiment_key: x}'`: takes an experiment's units out of the ledger,
    for good. For one that was a trial or a mistake; one that ran is ended by its ends_at and kept. Refuses while the
    seeds still define the experiment, whose members the next build would assign anew.
-#}
    {%- if execute -%}
    {%- set nodes = project_nodes() -%}
    {%- set condition = 'experiment_key = ' ~ dbt.string_literal(dbt.escape_single_quotes(experiment_key)) -%}

    {%- set defined = run_query('select count(*) from ' ~ nodes['experiments'].relation_name ~ ' where ' ~ condition).columns[0].values()[0] -%}
    {%- if defined -%}
        {%- do exceptions.raise_compiler_error(
            'forget_experiment: ' ~ experiment_key ~ ' still stands in seeds/experiments.csv as it was built last. Take'
            ~ ' its rows out of experiments.csv, experiment_arms.csv and experiment_metrics.csv, run dbt seed, and run'
            ~ ' this again.'
        ) -%}
    {%- endif -%}

    {#- What is remembered of it goes too: a new experiment of that key would begin with it. The ledger goes last, so that
        a run that was stopped before can be run again. -#}
    {%- set memories = [] -%}
    {%- set known = [] -%}
    {%- for name in (
        'int_experiment_ledger_log', 'int_experiment_plans', 'int_experiment_finished_statistics',
        'experiment_assignments'
    ) -%}
        {%- set memory = adapter.get_relation(nodes[name].database, nodes[name].schema, name) -%}
        {%- if memory -%}
            {%- do memories.append(memory) -%}
            {%- do known.append(run_query('select count(*) from ' ~ memory ~ ' where ' ~ condition).columns[0].values()[0]) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not known | sum -%}
        {%- do exceptions.raise_compiler_error(
            'forget_experiment: ' ~ experiment_key ~ ' has no unit in the ledger; is the key right?'
        ) -%}
    {%- endif -%}
    {%- for memory in memories -%}
        {%- for statement in statements_that_delete(memory, condition) -%}
            {%- do run_query(statement) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do adapter.commit() -%}
    {%- do log('forget_experiment: ' ~ known[-1] ~ ' units of ' ~ experiment_key ~ ' left the ledger.', info=true) -%}
    {%- endif -%}
{%- endmacro -%}

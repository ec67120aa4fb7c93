{#- Whether an engine keeps several statements together. -#}

{%- macro runs_may_end_halfway() -%}
{#- Whether a run that is killed can leave the rows of one statement without those of the next. -#}
    {{ return(adapter.dispatch('runs_may_end_halfway', 'tessera')()) }}
{%- endmacro -%}

{%- macro default__runs_may_end_halfway() -%}
    {{ return(false) }}
{%- endmacro -%}

{%- macro spark__runs_may_end_halfway() -%}
    {{ return(true) }}
{%- endmacro -%}

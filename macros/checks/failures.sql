{%- macro explain_failures(results) -%}
{#-
    After a run, say in words what each data test that failed or warned found: dbt itself prints only how many rows
    there are. A test that returns a text column `problem` is quoted, three rows of it; of any other
    the first row is shown. Tests that passed or could not run are not asked.
-#}
    {%- set failed = [] -%}
    {%- for result in (results or []) if execute -%}
        {%- if result.status | string in ('fail', 'warn') and result.node.resource_type | string == 'test' -%}
            {%- do failed.append(result.node) -%}
        {%- endif -%}
    {%- endfor -%}

    {%- for node in failed if node.compiled_code -%}
        {#- The query ran as a test, so it runs again. It may end in a comment, hence the \n. -#}
        {%- set query = 'select * from (\n' ~ node.compiled_code ~ '\n) as failing_row limit 3' -%}
        {%- set rows = run_query(query) -%}
        {%- set names = rows.column_names | map('lower') | list -%}
        {%- for row in rows.rows if 'problem' in names -%}
            {%- do log(node.name ~ ': ' ~ row[names.index('problem')], info=true) -%}
        {%- endfor -%}
        {%- if 'problem' not in names and rows.rows | length > 0 -%}
            {%- set shown = [] -%}
            {%- for value in rows.rows[0].values() -%}
                {%- set text = value | string | truncate(80, true) -%}
                {%- do shown.append(names[loop.index0] ~ '=' ~ text) -%}
            {%- endfor -%}
            {%- do log(node.name ~ ': ' ~ shown | join(', '), info=true) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro -%}

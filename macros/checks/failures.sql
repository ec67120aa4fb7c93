{%- macro explain_failures(results) -%}
{#-
    After a run, say in words what each failed data test found: dbt itself prints only how many rows there are. A test
    that returns a text column `problem` is quoted, three rows of it; of any other the first row is shown.

    Nothing is asked of tests that passed or could not run, so this does nothing after a good run.
-#}
    {%- set failed = [] -%}
    {%- for result in (results or []) if execute -%}
        {%- if result.status | string == 'fail' and result.node.resource_type | string == 'test' -%}
            {%- do failed.append(result.node) -%}
        {%- endif -%}
    {%- endfor -%}

    {%- for node in failed if node.compiled_code -%}
        {#- The test ran, so its query runs again; it stands on lines of its own, as it may end in a comment. -#}
        {%- set rows = run_query('select *\nfrom (\n' ~ node.compiled_code ~ '\n) as failing_row\nlimit 3') -%}
        {%- set names = rows.column_names | map('lower') | list -%}
        {%- for row in rows.rows if 'problem' in names -%}
            {%- do log(node.name ~ ': ' ~ row[names.index('problem')], info=true) -%}
        {%- endfor -%}
        {%- if 'problem' not in names and rows.rows | length > 0 -%}
            {%- set shown = [] -%}
            {%- for value in rows.rows[0].values() -%}
                {%- do shown.append(names[loop.index0] ~ '=' ~ (value | string | truncate(80, true))) -%}
            {%- endfor -%}
            {%- do log(node.name ~ ': ' ~ shown | join(', '), info=true) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro -%}

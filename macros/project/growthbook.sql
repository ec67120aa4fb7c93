{#- The arithmetic by which GrowthBook's SDKs assign at run time, so that what is assigned here agrees with flags that they
    evaluate. Text arguments are SQL expressions; null in, null out. -#}

{%- macro growthbook_bucket(seed, value) -%}
{#- Where a value lies under a seed, in ten thousandths of [0, 1): hash version 2. -#}
    mod({{ fnv32a('cast(' ~ fnv32a(seed ~ ' || ' ~ value) ~ ' as ' ~ dbt.type_string() ~ ')') }}, 10000) / 10000e0
{%- endmacro -%}

{%- macro growthbook_namespace_bucket(namespace, value) -%}
{#- Where a value lies in a namespace, in thousandths of [0, 1): hash version 1. -#}
    mod({{ fnv32a(value ~ " || '__' || " ~ namespace) }}, 1000) / 1000e0
{%- endmacro -%}

{%- macro growthbook_takes(bucket, range_from, weight, coverage) -%}
{#- Whether an arm takes a bucket: of its range, as wide as its weight, the share `coverage` is enrolled, from below. -#}
    ({{ bucket }} >= {{ range_from }} and {{ bucket }} < {{ range_from }} + {{ coverage }} * {{ weight }})
{%- endmacro -%}

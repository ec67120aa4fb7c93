{#- Where a unit lies in [0, 1), by the experiment's hash_algorithm: one branch an algorithm. All arguments are SQL text
    expressions; null in, null out. Formulas and salts: docs/methods.md. -#}

{%- macro layer_fraction(hash_algorithm, layer_key, unit) -%}
{#- Which slice of a layer a unit is in. -#}
    case {{ hash_algorithm }}
        when 'md5' then {{ hash_fraction("'layer:' || " ~ layer_key, unit) }}
        when 'growthbook' then {{ growthbook_namespace_bucket(layer_key, unit) }}
    end
{%- endmacro -%}

{%- macro arm_fraction(hash_algorithm, salt, unit) -%}
{#- Which arm a unit is given, where nothing is stratified. -#}
    case {{ hash_algorithm }}
        when 'md5' then {{ hash_fraction("'arm:' || " ~ salt, unit) }}
        when 'growthbook' then {{ growthbook_bucket(salt, unit) }}
    end
{%- endmacro -%}

{%- macro deal_fraction(salt, stratum, day) -%}
{#- Where the dealing of a stratum begins in the runs of a day: one number for all its units. -#}
    {{ hash_fraction(
        "'deal:' || " ~ salt ~ " || ':' || " ~ stratum,
        'cast(cast(' ~ day ~ ' as date) as ' ~ dbt.type_string() ~ ')'
    ) }}
{%- endmacro -%}

{%- macro dealt_fraction(rank, deal_fraction, size) -%}
{#- Where a unit lies that is dealt out within its stratum, from its rank there by hash and the stratum's size. A double's
    last digit must not make it 1, which is no arm's. -#}
    least(({{ rank }} - 1 + {{ deal_fraction }}) / {{ size }}, 1 - 1e-12)
{%- endmacro -%}

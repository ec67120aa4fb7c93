{#- Where a unit lies in [0, 1), by the experiment's hash_algorithm: one branch an algorithm. All arguments are SQL text
    expressions; null in, null out. Formulas and salts: docs/methods.md. -#}

{%- macro layer_fraction(hash_algorithm, layer_key, unit) -%}
{#- Which slice of a layer a unit is in. -#}
    case {{ hash_algorithm }}
        when 'md5' then {{ hash_fraction("'layer:' || " ~ layer_key, unit) }}
    end
{%- endmacro -%}

{%- macro arm_fraction(hash_algorithm, salt, unit) -%}
{#- Which arm a unit is given, where nothing is stratified. -#}
    case {{ hash_algorithm }}
        when 'md5' then {{ hash_fraction("'arm:' || " ~ salt, unit) }}
    end
{%- endmacro -%}

{#- Wilson's 95 % interval of a share, `found` of `checked`, which is above 0: from 0 to 1 and never empty, also where
    nobody or everybody was found. It describes a rate; what an arm changed is for measurement to say. -#}

{%- macro wilson_low(found, checked) -%}
{#- Its lower end. -#}
    greatest(0e0, ({{ found }} + 1.920729410347062e0 - {{ wilson_reach(found, checked) }})
    / ({{ checked }} + 3.841458820694124e0))
{%- endmacro -%}

{%- macro wilson_high(found, checked) -%}
{#- Its upper end. -#}
    least(1e0, ({{ found }} + 1.920729410347062e0 + {{ wilson_reach(found, checked) }})
    / ({{ checked }} + 3.841458820694124e0))
{%- endmacro -%}

{%- macro wilson_reach(found, checked) -%}
    1.959963984540054e0 * sqrt(
        {{ found }} * ({{ checked }} - {{ found }}) / cast({{ checked }} as double) + 0.960364705173531e0
    )
{%- endmacro -%}

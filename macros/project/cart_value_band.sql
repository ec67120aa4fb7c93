{%- macro cart_value_band(cart_amount) -%}
{#- The value band of a cart, by the variable cart_value_bands: low, mid or high. -#}
    case
            when {{ cart_amount }} >= {{ var('cart_value_bands').high }} then 'high'
            when {{ cart_amount }} >= {{ var('cart_value_bands').mid }} then 'mid'
            else 'low'
        end
{%- endmacro -%}

{#- What identifies a person at an ad platform, normalised and hashed as the platform asks (docs/activation.md). Only
    staging sees what is hashed. The e-mail of Meta is hash_email, the telephone of Google hash_phone; only what differs
    from those stands here. A hash stays as it is: nobody can hash it again by another rule. -#}

{%- macro google_email_hash(expression) -%}
{#- As hash_email; at gmail.com and googlemail.com, and nowhere else, without dots and without a plus and what follows it
    before the @. Null where nothing is left there. -#}
    {%- set email = normalised_email(expression) -%}
    {%- set mailbox = "replace(split_part(split_part(" ~ email ~ ", '@', 1), '+', 1), '.', '')" -%}
    case
        when {{ hash_email(expression) }} is null then null
        when {{ email }} not like '%@gmail.com' and {{ email }} not like '%@googlemail.com'
            then {{ hash_email(expression) }}
        when {{ mailbox }} <> ''
            then {{ sha256_hex(mailbox ~ " || '@' || split_part(" ~ email ~ ", '@', 2)") }}
    end
{%- endmacro -%}

{%- macro google_name_hash(expression) -%}
{#- SHA-256 of the lower-case name without any space. -#}
    {{ hash_of_name(expression, "replace(lower(" ~ nfc(expression) ~ "), ' ', '')") }}
{%- endmacro -%}

{%- macro meta_phone_hash(expression) -%}
{#- SHA-256 of the digits of the E.164 form, country code first, without the plus. -#}
    {{ hash_phone(expression, 'substr(' ~ normalised_phone(expression) ~ ', 2)') }}
{%- endmacro -%}

{%- macro meta_name_hash(expression) -%}
{#- SHA-256 of the trimmed, lower-case name without punctuation. -#}
    {%- set punctuation = "!\"#$%&''()*+,-./:;<=>?@[]^_`{|}~’‘´" -%}
    {{ hash_of_name(expression, "trim(translate(lower(" ~ nfc(expression) ~ "), '" ~ punctuation ~ "', ''))") }}
{%- endmacro -%}

{%- macro is_country_code(expression) -%}
{#- Whether a text is two capital letters. -#}
    {{ matches(expression, '[A-Z]{2}') }}
{%- endmacro -%}

{%- macro meta_country_hash(expression) -%}
{#- SHA-256 of the two letters in lower case; null where it is no two letters. -#}
    {%- set code = 'trim(' ~ expression ~ ')' -%}
    {{ hash_of_name(expression, 'case when ' ~ is_country_code('upper(' ~ code ~ ')') ~ ' then lower(' ~ code ~ ') end') }}
{%- endmacro -%}

{%- macro meta_postal_code_hash(postal_code, country_code) -%}
{#- SHA-256 of the code in lower case without spaces and dashes; of the United States the first five digits. -#}
    {%- set plain = "translate(lower(" ~ postal_code ~ "), ' -', '')" -%}
    {%- set of_us = "upper(trim(" ~ country_code ~ ")) = 'US'" -%}
    {{ hash_of_name(postal_code, "case when " ~ of_us ~ " then substr(" ~ plain ~ ", 1, 5) else " ~ plain ~ " end") }}
{%- endmacro -%}

{#- What identifies a person, cleaned and hashed. After staging nothing holds an e-mail address, a
    telephone number or a name in the clear. All of it is plain SQL on the text that is given. -#}

{%- macro clean_text(expression) -%}
{#- Without spaces around it; null where nothing is left. -#}
    nullif(trim({{ expression }}), '')
{%- endmacro -%}

{%- macro clean_id(expression) -%}
{#- The id of a person or account. Ids are opaque, but one that is an e-mail address is hashed. -#}
    case
        when {{ expression }} like '%@%' then {{ sha256_hex('lower(trim(' ~ expression ~ '))') }}
        else {{ clean_text(expression) }}
    end
{%- endmacro -%}

{%- macro is_sha256(expression) -%}
    {{ matches(expression, '[0-9a-f]{64}') }}
{%- endmacro -%}

{%- macro hash_name(expression) -%}
{#- SHA-256 of the trimmed, lower-case name; a hash stays as it is. -#}
    {%- set name = 'lower(trim(' ~ expression ~ '))' -%}
    case
        when {{ is_sha256(name) }} then {{ name }}
        when {{ name }} <> '' then {{ sha256_hex(name) }}
    end
{%- endmacro -%}

{%- macro hash_email(expression) -%}
{#- SHA-256 of the trimmed, lower-case address; a hash stays as it is. Null where the text is no
    address, or one that people type to get past a form: it would make strangers one person. -#}
    {%- set email = 'lower(trim(' ~ expression ~ '))' -%}
    case
        when {{ is_sha256(email) }} then {{ email }}
        when split_part({{ email }}, '@', 1) in (
            'null', 'none', 'na', 'n/a', 'nil', 'unknown', 'anonymous', 'nobody', 'test', 'noemail',
            'no-email', 'noreply', 'no-reply', 'donotreply', 'do-not-reply'
        ) then null
        when {{ matches(email, '[^@ ]+@[^@ ]+') }} then {{ sha256_hex(email) }}
    end
{%- endmacro -%}

{%- macro hash_phone(expression) -%}
{#- SHA-256 of the E.164 form, '+' and 8 to 15 digits; a hash stays as it is. Null where there is no
    country code ('+' or '00'), where anything else stands in it, and for a placeholder: one whose
    last seven digits are the same. -#}
    {%- set phone = 'lower(trim(' ~ expression ~ '))' -%}
    {%- set bare = "translate(replace(" ~ phone ~ ", '(0)', ''), ' ()-./', '')" -%}
    {%- set number = "regexp_replace(" ~ bare ~ ", '^00', '+')" -%}
    case
        when {{ is_sha256(phone) }} then {{ phone }}
        when right({{ number }}, 7) = repeat(right({{ number }}, 1), 7) then null
        when {{ matches(number, '[+][1-9][0-9]{7,14}') }} then {{ sha256_hex(number) }}
    end
{%- endmacro -%}

{%- macro clean_identifier_value(identifier_type, identifier_value) -%}
{#- The value of a typed identifier; of a type that is not known, a hash of whatever it is. -#}
    case
        when {{ identifier_type }} = 'email' then {{ hash_email(identifier_value) }}
        when {{ identifier_type }} = 'phone' then {{ hash_phone(identifier_value) }}
        when {{ is_identifier_type(identifier_type) }} then {{ clean_id(identifier_value) }}
        when trim({{ identifier_value }}) <> ''
            then {{ sha256_hex('lower(trim(' ~ identifier_value ~ '))') }}
    end
{%- endmacro -%}

{%- macro is_identifier_type(identifier_type) -%}
    {{ identifier_type }} in (
        'anonymous_id', 'user_id', 'contact_id', 'account_id', 'email', 'phone'
    )
{%- endmacro -%}

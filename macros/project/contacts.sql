{#- What identifies a person, cleaned and hashed. After staging no column for e-mail addresses,
    telephone numbers or names holds one in the clear. All of it is plain SQL on the text that is given. -#}

{%- macro clean_text(expression) -%}
{#- Without spaces around it; null where nothing is left. -#}
    nullif(trim({{ expression }}), '')
{%- endmacro -%}

{%- macro placeholder_words() -%}
{#- As a regular expression: what programs and people write where they have no value. Zeros and dashes alone are one
    too: '0', '000', an advertising id of zeros. It would make strangers one person. -#}
    [0-]*|null|[(]null[)]|<null>|none|na|n/a|nil|nan|undefined|unknown|[(]not set[)]|not set|anonymous|nobody|test
{%- endmacro -%}

{%- macro is_placeholder(word) -%}
{#- Whether a trimmed, lower-case word stands for no value. One expression, and no list behind IN: every id is asked,
    and DuckDB makes a join of a list. -#}
    ({{ matches(word, placeholder_words()) }} or {{ word }} = '[object object]')
{%- endmacro -%}

{%- macro is_placeholder_email(email) -%}
{#- An address that people type to get past a form, or that nobody reads. -#}
    {%- set mailbox = "split_part(" ~ email ~ ", '@', 1)" -%}
    {%- set words = placeholder_words() ~ '|no-?email|no-?reply|donotreply|do-not-reply' -%}
    ({{ matches(mailbox, words) }} or {{ email }} like '[object object]@%')
{%- endmacro -%}

{%- macro is_too_long(expression) -%}
{#- No identifier is this long: a whole document, or a list of them, slipped into the column. -#}
    length({{ expression }}) > 512
{%- endmacro -%}

{%- macro normalised_email(expression) -%}
{#- Without spaces around it, in lower case, accents composed. -#}
    lower(trim({{ nfc(expression) }}))
{%- endmacro -%}

{%- macro has_mixed_scripts(expression) -%}
{#- Whether Latin letters stand beside Greek, Cyrillic or full-width ones within one part of an
    e-mail address: nobody is called so, a look-alike is. All Cyrillic before the @ is a name. -#}
    {%- set pattern = '.*([a-z][^@.]*[Ͱ-ӿ]|[Ͱ-ӿ][^@.]*[a-z]|[！-～]).*' -%}
    coalesce({{ matches(normalised_email(expression), pattern) }}, false)
{%- endmacro -%}

{%- macro clean_id(expression) -%}
{#- The id of a person or account. Ids are opaque, but one that is an e-mail address is hashed. Null
    for a placeholder and for what is too long to be one. -#}
    {%- set email = normalised_email(expression) -%}
    case
        when {{ is_too_long(expression) }} then null
        when {{ expression }} like '%@%'
            then case when not {{ is_placeholder_email(email) }} then {{ sha256_hex(email) }} end
        when not {{ is_placeholder('lower(trim(' ~ expression ~ '))') }}
            then {{ clean_text(expression) }}
    end
{%- endmacro -%}

{%- macro clean_free_text(expression) -%}
{#- Free text, cleaned, in which '[e-mail]' stands for each e-mail address: people type them into search boxes, and forms
    put them into page addresses, where @ may be written %40, or %2540 within another address, and u0040 in JSON. -#}
    {%- set part = '([^ /?&=;,:"<>()@%{}]|%2[bBdDeE]|%5[fF])+' -%}
    {%- set at = '(@|%(25)?40|[^a-z]u0040)' -%}
    case
            when {{ expression }} like '%@%' or {{ expression }} like '%40%'
                then {{ clean_text(replace_all(expression, part ~ at ~ part, '[e-mail]')) }}
            else {{ clean_text(expression) }}
        end
{%- endmacro -%}

{%- macro clean_key(expression) -%}
{#- A key that people may have written, such as the number of a ticket: as it is, but hashed where an e-mail address
    stands in it, so that two of them stay two. -#}
    case
            when {{ clean_free_text(expression) }} <> {{ clean_text(expression) }}
                then {{ sha256_hex(clean_text(expression)) }}
            else {{ clean_text(expression) }}
        end
{%- endmacro -%}

{%- macro is_sha256(expression) -%}
    {{ matches(expression, '[0-9a-f]{64}') }}
{%- endmacro -%}

{%- macro hash_name(expression) -%}
{#- SHA-256 of the trimmed, lower-case name; a hash stays as it is. -#}
    {{ hash_of_name(expression, 'lower(trim(' ~ nfc(expression) ~ '))') }}
{%- endmacro -%}

{%- macro hash_of_name(expression, normalised) -%}
{#- SHA-256 of a name that is normalised; null where nothing is left of it, and a hash stays as it is. -#}
    {%- set name = 'lower(trim(' ~ expression ~ '))' -%}
    case
        when {{ is_sha256(name) }} then {{ name }}
        when {{ normalised }} <> '' then {{ sha256_hex(normalised) }}
    end
{%- endmacro -%}

{%- macro hash_email(expression) -%}
{#- SHA-256 of the normalised address; a hash stays as it is. Null where the text is no address, or
    a placeholder: it would make strangers one person. -#}
    {%- set email = normalised_email(expression) -%}
    case
        when {{ is_sha256(email) }} then {{ email }}
        when {{ is_too_long(expression) }} or {{ is_placeholder_email(email) }} then null
        when {{ matches(email, '[^@ ]+@[^@ ]+') }} then {{ sha256_hex(email) }}
    end
{%- endmacro -%}

{%- macro normalised_phone(expression) -%}
{#- The E.164 form, '+' and 8 to 15 digits. Null where there is no country code ('+' or '00'), where anything else stands
    in it, and for a placeholder: one whose last seven digits are the same. -#}
    {%- set bare = "translate(replace(trim(" ~ expression ~ "), '(0)', ''), ' ()-./', '')" -%}
    {%- set number = "regexp_replace(" ~ bare ~ ", '^00', '+')" -%}
    case
            when right({{ number }}, 7) = repeat(right({{ number }}, 1), 7) then null
            when {{ matches(number, '[+][1-9][0-9]{7,14}') }} then {{ number }}
        end
{%- endmacro -%}

{%- macro hash_phone(expression, normalised=none) -%}
{#- SHA-256 of the E.164 form, or of another form of the number; a hash stays as it is. -#}
    {%- set phone = 'lower(trim(' ~ expression ~ '))' -%}
    case
        when {{ is_sha256(phone) }} then {{ phone }}
        else {{ sha256_hex(normalised or normalised_phone(expression)) }}
    end
{%- endmacro -%}

{%- macro clean_identifier_value(identifier_type, identifier_value) -%}
{#- The value of a typed identifier; null of a type that is not known, since it could be anybody's. -#}
    case
        when {{ identifier_type }} = 'email' then {{ hash_email(identifier_value) }}
        when {{ identifier_type }} = 'phone' then {{ hash_phone(identifier_value) }}
        when {{ is_identifier_type(identifier_type) }} then {{ clean_id(identifier_value) }}
    end
{%- endmacro -%}

{%- macro is_identifier_type(identifier_type) -%}
    {{ identifier_type }} in (
        'anonymous_id', 'user_id', 'contact_id', 'account_id', 'email', 'phone'
    )
{%- endmacro -%}

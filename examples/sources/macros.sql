-- What the selects of several systems say alike. The variable `origin` is the system, or what --name says.

-- An id that is a system's own, marked as such: ids of two systems, of two shops or of two accounts never meet by chance.
create macro own_id(id) as getvariable('origin') || ':' || id;

-- What a campaign's name says in brackets, [segment=cart_abandoners@7d]: no platform has a field for it.
create macro name_tag(campaign_name, tag) as
    nullif(regexp_extract(campaign_name, '\[' || tag || '=([^\]]+)\]', 1), '');

-- utm_id of a page's address, which names the campaign of ads/campaigns (docs/adopting.md).
create macro utm_id(address) as
    nullif(url_decode(regexp_extract(address, '[?&]utm_id=([^&#]*)', 1)), '');

-- The text of one of GA4's event_params.
create macro text_param(event_params, param_key) as
    list_filter(event_params, lambda p: p.key = param_key)[1].value.string_value;

-- Null stays null; greatest(null, 0) would be 0.
create macro at_least_zero(number) as case when number < 0 then 0 else number end;

-- Of a country in free text, what looks like a code.
create macro country_code_of(country) as case when length(trim(country)) = 2 then country end;

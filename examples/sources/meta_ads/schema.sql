-- Meta Ads by Airbyte's connector: https://docs.airbyte.com/integrations/sources/facebook-marketing
-- What the fields mean: https://developers.facebook.com/docs/marketing-api/reference/ad-account/insights
-- The Insights API itself answers with numbers as text ("5339.5"); Airbyte makes numbers of them. The selects take both.

create table campaigns (id varchar, name varchar, updated_time varchar, _airbyte_extracted_at timestamptz);

create table ads_insights (
    account_id varchar,
    account_currency varchar,
    campaign_id varchar,
    ad_id varchar,
    date_start varchar,
    date_stop varchar,
    impressions varchar,
    clicks varchar,
    spend varchar,
    actions json,
    _airbyte_extracted_at timestamptz
);

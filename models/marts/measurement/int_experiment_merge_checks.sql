{{ config(access='private', schema='intermediate') }}

with

merged_units as (select * from {{ ref('int_experiment_merges') }}),

final as (
    select
        experiment_key,
        'merged_units' as check_name,
        case when merged_across_count > 0 then 'warn' else 'pass' end as status,
        merged_across_share as statistic,
        cast(null as double) as p_value,
        'of ' || {{ in_words('unit_count') }} || ' units '
        || {{ in_words('merged_within_count') }} || ' stand for several of one arm and '
        || {{ in_words('merged_across_count') }} || ' for units of different arms ('
        || {{ percent_in_words('merged_across_share') }} || ')' as detail
    from merged_units
)

select * from final

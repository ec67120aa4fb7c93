{{ config(access='private', schema='intermediate') }}

with

comparisons as (
    select * from {{ ref('int_experiment_comparisons') }}
    where stratum = 'all'
),

final as (
    select
        experiment_key,
        arm_key,
        metric_key,
        case population when 'all' then 'itt' else 'itt_unmerged' end as method,
        slice,
        alpha,
        n_c,
        n_t,
        outcome_mean_c as mean_c,
        outcome_mean_t as mean_t,
        outcome_variance_c / nullif(n_c, 0) as mean_variance_c,
        outcome_variance_t / nullif(n_t, 0) as mean_variance_t,
        cast(n_c - 1 as double) as df_c,
        cast(n_t - 1 as double) as df_t,
        cast(null as {{ dbt.type_string() }}) as reason
    from comparisons
)

select * from final

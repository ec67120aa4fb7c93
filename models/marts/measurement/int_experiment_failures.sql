{{ config(access='private', schema='intermediate', materialized='view') }}

with

health as (
    select * from {{ ref('experiment_health') }}
    where status = 'fail'
),

final as (
    select
        experiment_key,
        {{ dbt.listagg('check_name', "', '", 'order by check_name') }} as check_names,
        {{ dbt.listagg(
            "check_name || ' fails (' || detail || ')'", "'; '", 'order by check_name'
        ) }} as failure_text
    from health
    group by experiment_key
)

select * from final

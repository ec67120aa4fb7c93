-- A warning: the build goes on, and says that it may have merged people who are several.
{{ config(severity='warn') }}

select
    check_name,
    detail as problem
from {{ ref('identity_health') }}
where status = 'fail' or (status = 'warn' and check_name = 'oversized_customers')

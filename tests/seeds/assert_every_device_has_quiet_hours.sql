-- Devices without a row of their own need the row `other`.
with

quiet_hours as (
    select count(*) as row_count
    from {{ ref('quiet_hours') }}
    where device_type = 'other'
)

select 'seeds/quiet_hours.csv: there is no row for the device_type other' as problem
from quiet_hours
where row_count = 0

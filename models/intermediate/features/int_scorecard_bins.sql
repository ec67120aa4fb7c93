with

bins as (select * from {{ ref('scorecard_bins') }}),

numbered as (
    select
        *,
        dense_rank() over (order by signal) as signal_number,
        row_number() over (partition by signal order by bin_key) as bin_number
    from bins
),

final as (
    -- Of each signal one digit: the codes of a customer's bins add up to a number that names all.
    select
        signal,
        bin_key,
        from_value,
        below_value,
        wording,
        signal_number,
        cast(bin_number as {{ dbt.type_string() }}) as bin_digit,
        cast(
            rpad(cast(bin_number as {{ dbt.type_string() }}), cast(37 - signal_number as int), '0')
            as decimal(38, 0)
        ) as bin_code
    from numbered
)

select * from final

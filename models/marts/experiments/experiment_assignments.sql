{#- The ledger. Rows are only ever added, and `full_refresh=false` keeps it through
    `dbt build --full-refresh`. Only people who asked to be erased leave it. A ledger that is older
    than a column gets it, empty in the rows that were there. -#}
-- depends_on: {{ ref('stg_privacy__erased_customers') }}
-- depends_on: {{ ref('int_experiment_ledger_log') }}
-- depends_on: {{ ref('int_experiment_plans') }}
-- depends_on: {{ ref('int_experiment_settings') }}
-- depends_on: {{ ref('int_experiment_plan_changes') }}
-- depends_on: {{ ref('experiment_launch_checks') }}
{{
    config(
        pre_hook=[
            "{{ check_plans(ref('int_experiment_plan_changes')) }}",
            "{{ check_ledger(ref('int_experiment_ledger_log')) }}",
            "{{ forget_erased_units(
                ref('int_experiment_ledger_log'), ref('stg_privacy__erased_customers')
            ) }}"
        ],
        post_hook=[
            "{{ note_plans(ref('int_experiment_plans'), ref('int_experiment_settings')) }}",
            "{{ log_assignments(ref('int_experiment_ledger_log')) }}"
        ],
        materialized='incremental',
        incremental_strategy='append',
        full_refresh=false,
        on_schema_change='append_new_columns'
    )
}}

with

experiments as (select * from {{ ref('mart_experiments') }}),

arms as (select * from {{ ref('mart_experiment_arms') }}),

draws as (
    -- Draws of another day are left of a run that was stopped.
    select * from {{ ref('int_experiment_draws') }}
    where drawn_at = {{ as_of() }}
),

external_assignments as (select * from {{ ref('int_experiment_external_assignments') }}),

ledger_log as (select * from {{ ref('int_experiment_ledger_log') }}),

identity_map as (select * from {{ ref('int_identity_map') }}),

ledger as (
    {% if is_incremental() -%}
    select experiment_key, unit_type, unit_id, assigned_at
    from {{ this }}
    {%- else -%}
    select
        experiment_key,
        unit_type,
        unit_id,
        cast(null as timestamp) as assigned_at
    from draws
    where 1 = 0
    {%- endif %}
),

assigned_units as (
    -- A customer who has merged with another since is still the unit that was assigned.
    select
        ledger.experiment_key,
        ledger.unit_type,
        coalesce(identity_map.customer_id, ledger.unit_id) as unit_id,
        experiments.layer_key,
        min(ledger.assigned_at) as assigned_at,
        max({{ dbt.dateadd('day', 'experiments.outcome_window_days', 'ledger.assigned_at') }})
            as outcome_ends_at
    from ledger
    left join experiments on ledger.experiment_key = experiments.experiment_key
    left join identity_map
        on ledger.unit_type = 'customer' and ledger.unit_id = identity_map.identifier_key
    group by
        ledger.experiment_key,
        ledger.unit_type,
        coalesce(identity_map.customer_id, ledger.unit_id),
        experiments.layer_key
),

all_assignments as (
    -- Whom it assigned may have been erased or lost since; an experiment has begun all the same.
    select experiment_key, assigned_at from ledger
    union all
    select experiment_key, cast(null as timestamp) as assigned_at from ledger_log
),

begun as (
    select experiment_key, max(assigned_at) as assigned_at
    from all_assignments
    group by experiment_key
),

open_draws as (
    select draws.*
    from draws
    left join begun on draws.experiment_key = begun.experiment_key
    where
        case
            -- A batch is taken once.
            when draws.enrolment = 'batch' then begun.experiment_key is null
            -- A past day that is run again looks back; it does not assign anyone in the past.
            else coalesce(begun.assigned_at <= {{ as_of() }}, true)
        end
),

occupied as (
    -- In the experiment already, or in another of its layer while the two windows overlap.
    select open_draws.experiment_key, open_draws.unit_type, open_draws.unit_id
    from open_draws
    inner join experiments on open_draws.experiment_key = experiments.experiment_key
    inner join assigned_units
        on
            open_draws.unit_type = assigned_units.unit_type
            and open_draws.unit_id = assigned_units.unit_id
            and (
                open_draws.experiment_key = assigned_units.experiment_key
                or (
                    open_draws.layer_key = assigned_units.layer_key
                    and open_draws.drawn_at < assigned_units.outcome_ends_at
                    and assigned_units.assigned_at < {{
                        dbt.dateadd(
                            'day', 'experiments.outcome_window_days', 'open_draws.drawn_at'
                        )
                    }}
                )
            )
    group by open_draws.experiment_key, open_draws.unit_type, open_draws.unit_id
),

claims as (
    select
        open_draws.*,
        row_number() over (
            partition by open_draws.layer_key, open_draws.unit_type, open_draws.unit_id
            order by open_draws.priority, open_draws.experiment_key
        ) as claim_rank
    from open_draws
    left join occupied
        on
            open_draws.experiment_key = occupied.experiment_key
            and open_draws.unit_type = occupied.unit_type
            and open_draws.unit_id = occupied.unit_id
    where occupied.unit_id is null
),

entrants as (
    -- Of the experiments of a layer one takes the unit.
    select
        claims.*,
        {{ deal_fraction('experiments.salt', 'claims.stratum', 'claims.drawn_at') }}
            as deal_fraction,
        row_number() over (
            partition by claims.experiment_key, claims.stratum
            order by claims.hash_fraction, claims.unit_id
        ) as stratum_rank,
        count(*) over (partition by claims.experiment_key, claims.stratum) as stratum_size
    from claims
    inner join experiments on claims.experiment_key = experiments.experiment_key
    where claims.claim_rank = 1
),

dealt as (
    -- By hash alone, or side by side within the stratum, of which each arm then has its weight.
    select
        *,
        case
            when stratum is null then hash_fraction
            else {{ dealt_fraction('stratum_rank', 'deal_fraction', 'stratum_size') }}
        end as arm_fraction
    from entrants
),

final as (
    select
        dealt.experiment_key,
        dealt.unit_type,
        dealt.unit_id,
        arms.arm_key,
        arms.is_control,
        dealt.segment_id,
        dealt.stratum,
        dealt.lifecycle_stage,
        dealt.loyalty_tier,
        dealt.country_code,
        dealt.preferred_device,
        dealt.drawn_at as assigned_at,
        'hashed' as assignment_source,
        dealt.hash_fraction,
        dealt.arm_fraction
    from dealt
    inner join arms
        on
            dealt.experiment_key = arms.experiment_key
            and dealt.arm_fraction >= arms.hash_from
            and dealt.arm_fraction < arms.hash_to
    union all
    select
        external_assignments.experiment_key,
        external_assignments.unit_type,
        external_assignments.unit_id,
        external_assignments.arm_key,
        external_assignments.is_control,
        cast(null as {{ dbt.type_string() }}) as segment_id,
        cast(null as {{ dbt.type_string() }}) as stratum,
        -- The other system assigned at a moment that no build has described; what units are like
        -- today may be what the treatment made of them.
        cast(null as {{ dbt.type_string() }}) as lifecycle_stage,
        cast(null as {{ dbt.type_string() }}) as loyalty_tier,
        cast(null as {{ dbt.type_string() }}) as country_code,
        cast(null as {{ dbt.type_string() }}) as preferred_device,
        external_assignments.assigned_at,
        'external' as assignment_source,
        cast(null as double) as hash_fraction,
        cast(null as double) as arm_fraction
    from external_assignments
    left join assigned_units
        on
            external_assignments.experiment_key = assigned_units.experiment_key
            and external_assignments.unit_type = assigned_units.unit_type
            and external_assignments.unit_id = assigned_units.unit_id
    where assigned_units.unit_id is null
)

select * from final

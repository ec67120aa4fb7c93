{#- The families' metadata come from their YAML. They are read below the catalogue, so that a build of one new family
    (`dbt build -s seg_x+`) brings what it leaves out too. -#}
-- depends_on: {{ ref('segments') }}
{{ config(access='protected', schema='intermediate') }}

with final as (
    {{ segment_exclusion_rows() }}
)

select * from final

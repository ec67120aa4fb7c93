-- Until the ledger exists nobody is in an experiment: the tables that chapter 2 fills (20_ledger.sql, 21_response.sql)
-- stand empty, so that everything after them is written once for both chapters.

create or replace table person_responses (
    person_no bigint,
    is_in_experiment boolean,
    is_lead boolean,
    order_identity varchar,
    order_effect double,
    value_effect double
);

create or replace table company_responses (company_no bigint, conversion_day double);

create or replace table treated_people (person_no bigint, experiment_no integer, experiment_key varchar, arm_key varchar);

-- What the warehouse sent out at the launch, by which chapter 2 reports on it (24_uploads.sql).
create or replace table sent_batches (batch_id varchar, destination_key varchar, segment_id varchar, row_count bigint);

create or replace table treated_counts (experiment_key varchar, treated_units bigint);

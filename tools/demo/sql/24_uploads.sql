-- The batches of audience changes that the build of chapter 1 made, of a warehouse that has such.

insert into sent_batches
select
    batch_id,
    destination_key,
    segment_id,
    batch_row_count as row_count,
from warehouse.main_intermediate.int_audience_batch_rows
where operation = 'batch';

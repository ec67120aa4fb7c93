-- The shop's export: orders that took place, and those of April that were called off.

create or replace view order_rows as
select
    order_id,
    user_id,
    typed_email(email, k) as email,
    anonymous_id,
    ordered_at,
    order_status,
    order_amount,
    currency_code,
from visit_orders
where takes_place and in_chapter(ordered_at)
union all
select
    order_id,
    user_id,
    email,
    null,
    ordered_at,
    order_status,
    order_amount,
    currency_code,
from called_off_orders
where in_chapter(ordered_at);

create or replace view order_line_rows as
select
    visit_orders.order_id,
    visit_order_lines.line_number,
    visit_order_lines.product_id,
    visit_order_lines.quantity,
    visit_order_lines.line_amount,
from visit_orders
inner join visit_order_lines on visit_orders.visit_id = visit_order_lines.visit_id
where visit_orders.takes_place and in_chapter(visit_orders.ordered_at)
union all
select
    order_id,
    1,
    product_id,
    1,
    order_amount,
from called_off_orders
where in_chapter(ordered_at);

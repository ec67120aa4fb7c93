-- The shop's own records. An order is what was left in the cart of a visit that ended in one; its amount is the sum of its
-- lines, to the cent.

create or replace table visit_order_lines as
with ordered_items as (
    select
        visits.visit_id,
        visits.value_effect,
        visits.takes_place,
        visit_items.item_no + 1 as line_number,
        product_id_of(visit_items.product_no) as product_id,
        visit_items.quantity,
        visit_items.line_amount,
    from visits
    inner join visit_items
        on visits.visit_id = visit_items.visit_id
        and visit_items.item_no < visits.add_count - visits.remove_count
    where visits.has_order
),

-- A treatment that raises the order value adds one line: what the message talked the customer into.
add_ons as (
    select
        visit_id,
        max(line_number) + 1 as line_number,
        'p0420' as product_id,
        1 as quantity,
        round(sum(line_amount) * (any_value(value_effect) - 1), 2)::decimal(12, 2) as line_amount,
    from ordered_items
    where takes_place
    group by visit_id
    having any_value(value_effect) > 1
),

-- A few orders carry a line that the warehouse struck out again.
struck_out as (
    select
        visit_id,
        max(line_number) + 2 as line_number,
        'p0011' as product_id,
        0 as quantity,
        0.00 as line_amount,
    from ordered_items
    where takes_place
    group by visit_id
    having visit_id % 250 = 1
)

select
    visit_id,
    line_number,
    product_id,
    quantity,
    line_amount,
from ordered_items
union all
select * from add_ons
union all
select * from struck_out;

create or replace macro order_id_of(visit_id) as
    'o' || lpad((visit_id // 4096)::varchar, 8, '0') || '-' || (visit_id % 4096);

create or replace table visit_orders as
with amounts as (
    select
        visit_id,
        sum(line_amount) as order_amount,
    from visit_order_lines
    group by visit_id
)

select
    visits.visit_id,
    visits.person_no,
    visits.takes_place,
    order_id_of(visits.visit_id) as order_id,
    amounts.order_amount,
    visits.started_at + to_seconds(visits.seconds_per_step * (visits.order_end - 1)) as ordered_at,
    visits.user_id,
    case
        when not visits.is_signed_in or draw('order has e-mail', visits.k) < 0.7 then people.email
    end as email,
    case
        when not visits.is_signed_in or draw('order has device', visits.k) < 0.6 then visits.anonymous_id
    end as anonymous_id,
    visits.currency_code,
    -- What a campaign of the demo decides is a completed order; the others are sometimes called off or sent back.
    case
        when visits.is_planned_order or draw('order status', visits.k) < 0.9 then 'completed'
        when draw('order status', visits.k) < 0.94 then 'cancelled'
        else 'returned'
    end as order_status,
    visits.k,
from visits
inner join amounts on visits.visit_id = amounts.visit_id
inner join people on visits.person_no = people.person_no;

-- Orders of April that were called off: the same chance for everybody, so they blur every arm alike.
create or replace table called_off_orders as
select
    'o' || lpad(person_no::varchar, 8, '0') || '-x' as order_id,
    user_id,
    email,
    moment(90 + 28 * draw('called off day', k)) as ordered_at,
    case when draw('called off status', k) < 0.4 then 'cancelled' else 'returned' end as order_status,
    (20 + floor(12000 * draw('called off amount', k)) / 100)::decimal(12, 2) as order_amount,
    currency_code,
    pick(draw('called off product', k), ['p0003', 'p0010', 'p0090', 'p0180', 'p0240']) as product_id,
from people
where registered_at < getvariable('launch') and visit_count > 0 and draw('called off', k) < 0.006;

-- The products of each visit as lists, which a step looks into by number.
create or replace table visit_baskets as
with items as (
    select
        visit_id,
        list(product_no order by item_no) as product_nos,
        list(item_category_no order by item_no) as product_category_nos,
        list(quantity order by item_no) as quantities,
        list(line_amount order by item_no) as line_amounts,
    from visit_items
    group by visit_id
)

select
    items.*,
    visit_orders.order_amount,
from items
left join visit_orders on items.visit_id = visit_orders.visit_id;

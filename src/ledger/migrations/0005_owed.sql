-- Lists go by what is owed next, not by the day the person was told; and what resembles a ticket is looked for by its item.

DROP INDEX tickets_by_due;
DROP INDEX tickets_open_by_due;
DROP INDEX tickets_open_by_holder;
ALTER TABLE tickets DROP COLUMN due_order;

-- What owes nothing comes last.
ALTER TABLE tickets ADD COLUMN owed_order TEXT GENERATED ALWAYS AS (coalesce(next_due, '9999-12-31')) VIRTUAL;

CREATE INDEX tickets_by_owed ON tickets (organisation, owed_order, id);
CREATE INDEX tickets_open_by_owed ON tickets (organisation, owed_order, id) WHERE status <> 'closed';
CREATE INDEX tickets_open_by_holder ON tickets (organisation, holder, owed_order, id) WHERE status <> 'closed';
CREATE INDEX tickets_by_item ON tickets (organisation, item, received_at);

-- Who is to take a ticket that was sent to them; known from a ticket's next event on.
ALTER TABLE tickets ADD COLUMN awaits TEXT;

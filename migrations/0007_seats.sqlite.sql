-- Links of orders and seats that can be replaced, seats that change hands, mail that did not arrive.

ALTER TABLE orders ADD COLUMN link_version INTEGER NOT NULL DEFAULT 1;       -- the secret link is derived from it
ALTER TABLE orders ADD COLUMN mail_problem TEXT NOT NULL DEFAULT '';         -- why mail was not delivered; empty: no

ALTER TABLE seat ADD COLUMN link_version INTEGER NOT NULL DEFAULT 1;         -- the holder's link is derived from it
ALTER TABLE seat ADD COLUMN language TEXT NOT NULL DEFAULT '';               -- of the holder, for mail and ticket
ALTER TABLE seat ADD COLUMN invited_at BIGINT NULL;                          -- the link was mailed
ALTER TABLE seat ADD COLUMN confirmed_at BIGINT NULL;                        -- the holder has named themselves
ALTER TABLE seat ADD COLUMN mail_problem TEXT NOT NULL DEFAULT '';
-- What a holder's account finds its seats by; empty until somebody was named after the purchase.
ALTER TABLE seat ADD COLUMN email_normalized TEXT NOT NULL DEFAULT '';
CREATE INDEX seat_email ON seat (email_normalized) WHERE email_normalized <> '';

-- Every change of hands: when, by whom, what. source: registration 20, D33.
CREATE TABLE seat_event (
  id INTEGER PRIMARY KEY,
  seat_id BIGINT NOT NULL REFERENCES seat (id) ON DELETE CASCADE,
  created_at BIGINT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('assigned', 'mailed', 'confirmed', 'transferred', 'withdrawn')),
  actor TEXT NOT NULL,
  detail TEXT NOT NULL DEFAULT ''
);
CREATE INDEX seat_event_seat ON seat_event (seat_id);

-- What a browser ordered, paid or not: for whoever comes back to an empty cart.
DROP INDEX orders_session;
CREATE INDEX orders_session ON orders (session_hash) WHERE session_hash IS NOT NULL;

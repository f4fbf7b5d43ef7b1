-- The waiting list: lines for products that are sold out, who stands in them, and what they were offered.

-- The line for one product, or for one of its variations; counted, so that pages need not count who waits.
CREATE TABLE waiting_line (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  ticket_type_id BIGINT NULL REFERENCES ticket_type (id) ON DELETE CASCADE,
  addon_id BIGINT NULL REFERENCES addon (id) ON DELETE CASCADE,
  variation_id BIGINT NULL REFERENCES variation (id) ON DELETE CASCADE,
  entries BIGINT NOT NULL DEFAULT 0 CHECK (entries >= 0),  -- that wait in it, as first choice or another
  units BIGINT NOT NULL DEFAULT 0 CHECK (units >= 0),      -- that they want together
  CHECK ((ticket_type_id IS NULL) <> (addon_id IS NULL))
);
CREATE UNIQUE INDEX waiting_line_product
  ON waiting_line (conference_id, COALESCE(ticket_type_id, 0), COALESCE(addon_id, 0), COALESCE(variation_id, 0));

-- Somebody who waits. Their place is the id: whoever came first is served first.
CREATE TABLE waiting_entry (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  user_id BIGINT NULL REFERENCES user_account (id) ON DELETE SET NULL,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  email_normalized TEXT NOT NULL,
  language TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT 'waiting'
    CHECK (status IN ('waiting', 'offered', 'accepted', 'lapsed', 'left', 'removed')),
  quantity BIGINT NOT NULL DEFAULT 1 CHECK (quantity >= 1),
  all_or_nothing SMALLINT NOT NULL DEFAULT 0 CHECK (all_or_nothing IN (0, 1)),
  link_version BIGINT NOT NULL DEFAULT 1,
  offered_at BIGINT NULL,
  offer_expires_at BIGINT NULL,
  offered_rank BIGINT NULL,                    -- which choice was offered
  offered_quantity BIGINT NOT NULL DEFAULT 0 CHECK (offered_quantity >= 0),
  cart_id BIGINT NULL REFERENCES cart (id) ON DELETE SET NULL,  -- that took the offer; its order is the order
  version BIGINT NOT NULL DEFAULT 1,
  joined_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX waiting_entry_address ON waiting_entry (conference_id, email_normalized);
CREATE INDEX waiting_entry_cart ON waiting_entry (cart_id) WHERE cart_id IS NOT NULL;
CREATE INDEX waiting_entry_offers ON waiting_entry (conference_id, offer_expires_at) WHERE status = 'offered';

-- What they would take, best first.
CREATE TABLE waiting_choice (
  id INTEGER PRIMARY KEY,
  entry_id BIGINT NOT NULL REFERENCES waiting_entry (id) ON DELETE CASCADE,
  choice_rank BIGINT NOT NULL CHECK (choice_rank >= 1),
  line_id BIGINT NOT NULL REFERENCES waiting_line (id) ON DELETE CASCADE,
  needs BIGINT NOT NULL DEFAULT 1 CHECK (needs >= 1),  -- units that must be there for an offer
  is_waiting SMALLINT NOT NULL DEFAULT 1 CHECK (is_waiting IN (0, 1)),
  UNIQUE (entry_id, choice_rank)
);
-- The line in its order; whoever fits is found in the index alone.
CREATE INDEX waiting_choice_line ON waiting_choice (line_id, entry_id, needs) WHERE is_waiting = 1;

-- Extras that they would take with it.
CREATE TABLE waiting_addon (
  id INTEGER PRIMARY KEY,
  entry_id BIGINT NOT NULL REFERENCES waiting_entry (id) ON DELETE CASCADE,
  addon_id BIGINT NOT NULL REFERENCES addon (id) ON DELETE CASCADE,
  variation_id BIGINT NULL REFERENCES variation (id) ON DELETE CASCADE,
  quantity BIGINT NOT NULL DEFAULT 1 CHECK (quantity >= 1),
  offered_quantity BIGINT NOT NULL DEFAULT 0 CHECK (offered_quantity >= 0)
);
CREATE UNIQUE INDEX waiting_addon_product ON waiting_addon (entry_id, addon_id, COALESCE(variation_id, 0));

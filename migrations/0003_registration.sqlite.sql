-- Products, stock and holds, carts, orders, payments, seats.
-- Money is in minor units of the conference's currency; orders and payments carry the currency they were made in.

CREATE TABLE ticket_type (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  slug TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  price BIGINT NOT NULL CHECK (price >= 0),
  available_from BIGINT NULL,
  available_until BIGINT NULL,
  total_quantity INTEGER NOT NULL DEFAULT 0 CHECK (total_quantity >= 0),   -- 0 = unlimited
  limit_per_user INTEGER NOT NULL DEFAULT 10 CHECK (limit_per_user >= 0),  -- 0 = nobody may buy
  requires_voucher SMALLINT NOT NULL DEFAULT 0 CHECK (requires_voucher IN (0, 1)),
  is_active SMALLINT NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
  bulk_enabled SMALLINT NOT NULL DEFAULT 0 CHECK (bulk_enabled IN (0, 1)),
  sort_order INTEGER NOT NULL DEFAULT 0 CHECK (sort_order >= 0),
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  CHECK (available_until >= available_from)
);
CREATE UNIQUE INDEX ticket_type_slug_folded ON ticket_type (conference_id, lower(slug));

CREATE TABLE addon (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  slug TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  price BIGINT NOT NULL CHECK (price >= 0),
  available_from BIGINT NULL,
  available_until BIGINT NULL,
  total_quantity INTEGER NOT NULL DEFAULT 0 CHECK (total_quantity >= 0),  -- 0 = unlimited
  is_active SMALLINT NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
  bulk_enabled SMALLINT NOT NULL DEFAULT 0 CHECK (bulk_enabled IN (0, 1)),
  sort_order INTEGER NOT NULL DEFAULT 0 CHECK (sort_order >= 0),
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  CHECK (available_until >= available_from)
);
CREATE UNIQUE INDEX addon_slug_folded ON addon (conference_id, lower(slug));

-- An add-on without a row here goes with any ticket, or with none.
CREATE TABLE addon_requires (
  addon_id BIGINT NOT NULL REFERENCES addon (id) ON DELETE CASCADE,
  ticket_type_id BIGINT NOT NULL REFERENCES ticket_type (id) ON DELETE CASCADE,
  PRIMARY KEY (addon_id, ticket_type_id)
) WITHOUT ROWID;
CREATE INDEX addon_requires_ticket_type ON addon_requires (ticket_type_id);

-- One row for the conference as a whole (product_id 0), one for each product. sold + held <= capacity is kept by the
-- conditional update of whoever sells, not by a CHECK: an organiser may lower a capacity below what is sold.
CREATE TABLE stock (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('conference', 'ticket_type', 'addon')),
  product_id BIGINT NOT NULL DEFAULT 0,
  capacity INTEGER NULL CHECK (capacity >= 0),  -- null = unlimited
  sold INTEGER NOT NULL DEFAULT 0 CHECK (sold >= 0),
  held INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0),
  UNIQUE (conference_id, kind, product_id)
);

-- What carts and unpaid orders keep back. Elapsed means expires_at <= now.
CREATE TABLE hold (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  stock_id BIGINT NOT NULL REFERENCES stock (id) ON DELETE CASCADE,
  owner_kind TEXT NOT NULL CHECK (owner_kind IN ('cart', 'order')),
  owner_id BIGINT NOT NULL,
  quantity INTEGER NOT NULL CHECK (quantity > 0),
  expires_at BIGINT NOT NULL,
  UNIQUE (owner_kind, owner_id, stock_id)
);
CREATE INDEX hold_expiry ON hold (conference_id, expires_at);

-- A cart belongs to a signed-in user or to a browser session.
CREATE TABLE cart (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  user_id BIGINT NULL REFERENCES user_account (id) ON DELETE CASCADE,
  session_hash TEXT NULL,
  network TEXT NOT NULL DEFAULT '',    -- the client's network, kept only while carts per network are limited
  status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'checked_out', 'expired', 'abandoned')),
  voucher_id BIGINT NULL,
  expires_at BIGINT NULL,
  hold_cap_at BIGINT NULL,             -- first item + twice the expiry: activity never renews the hold beyond it
  hold_renewed_at BIGINT NULL,         -- the one renewal by the billing form
  draft TEXT NOT NULL DEFAULT '{}',    -- what was typed at checkout, for a cart that lapsed
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  CHECK ((user_id IS NULL) <> (session_hash IS NULL))
);
-- One current cart for each owner; a lapsed one keeps its list and is taken up again. source: 20, D5 and D31.
CREATE UNIQUE INDEX cart_current_user ON cart (conference_id, user_id)
  WHERE status IN ('open', 'expired') AND user_id IS NOT NULL;
CREATE UNIQUE INDEX cart_current_session ON cart (conference_id, session_hash)
  WHERE status IN ('open', 'expired') AND session_hash IS NOT NULL;
CREATE INDEX cart_network ON cart (network, created_at) WHERE network <> '';
CREATE INDEX cart_expiry ON cart (conference_id, expires_at) WHERE status = 'open';

CREATE TABLE cart_item (
  id INTEGER PRIMARY KEY,
  cart_id BIGINT NOT NULL REFERENCES cart (id) ON DELETE CASCADE,
  ticket_type_id BIGINT NULL REFERENCES ticket_type (id) ON DELETE CASCADE,
  addon_id BIGINT NULL REFERENCES addon (id) ON DELETE CASCADE,
  quantity INTEGER NOT NULL DEFAULT 1 CHECK (quantity > 0),
  created_at BIGINT NOT NULL,
  CHECK ((ticket_type_id IS NULL) <> (addon_id IS NULL))
);
CREATE UNIQUE INDEX cart_item_ticket_type ON cart_item (cart_id, ticket_type_id);  -- also finds the items of a cart
CREATE UNIQUE INDEX cart_item_addon ON cart_item (cart_id, addon_id) WHERE addon_id IS NOT NULL;

-- Orders outlive accounts and conferences: neither can be deleted while it has orders; people are anonymised instead.
CREATE TABLE orders (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id),
  user_id BIGINT NULL REFERENCES user_account (id),  -- null: sold at the desk to somebody unknown
  cart_id BIGINT NULL REFERENCES cart (id) ON DELETE SET NULL,
  session_hash TEXT NULL,
  status TEXT NOT NULL DEFAULT 'pending'
    CHECK (status IN ('pending', 'paid', 'refunded', 'partially_refunded', 'cancelled')),
  reference TEXT NOT NULL,
  secret_token_hash TEXT NULL,
  currency TEXT NOT NULL,
  subtotal BIGINT NOT NULL DEFAULT 0 CHECK (subtotal >= 0),
  discount_amount BIGINT NOT NULL DEFAULT 0 CHECK (discount_amount >= 0),
  total BIGINT NOT NULL DEFAULT 0 CHECK (total >= 0),
  voucher_id BIGINT NULL,
  voucher_code TEXT NOT NULL DEFAULT '',
  voucher_details TEXT NOT NULL DEFAULT '',
  -- billing; source: chapters 20 (3.5) and 25 (3)
  email_normalized TEXT NOT NULL DEFAULT '',
  language TEXT NOT NULL DEFAULT '',
  billing_is_business SMALLINT NOT NULL DEFAULT 0 CHECK (billing_is_business IN (0, 1)),
  billing_name TEXT NOT NULL DEFAULT '',
  billing_email TEXT NOT NULL DEFAULT '',
  billing_company TEXT NOT NULL DEFAULT '',
  billing_street TEXT NOT NULL DEFAULT '',
  billing_postcode TEXT NOT NULL DEFAULT '',
  billing_city TEXT NOT NULL DEFAULT '',
  billing_region TEXT NOT NULL DEFAULT '',
  billing_country TEXT NOT NULL DEFAULT '',
  billing_vat_id TEXT NOT NULL DEFAULT '',
  billing_reference TEXT NOT NULL DEFAULT '',
  utm_source TEXT NOT NULL DEFAULT '',
  utm_medium TEXT NOT NULL DEFAULT '',
  utm_campaign TEXT NOT NULL DEFAULT '',
  is_sandbox SMALLINT NOT NULL DEFAULT 0 CHECK (is_sandbox IN (0, 1)),
  attention TEXT NOT NULL DEFAULT '',  -- why staff should look at it (short payment, money after expiry); empty: no
  hold_expires_at BIGINT NULL,
  hold_extended_at BIGINT NULL,        -- the one extension while the payer is at the card form
  paid_at BIGINT NULL,
  cancelled_at BIGINT NULL,
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (reference),
  UNIQUE (secret_token_hash),
  UNIQUE (cart_id)
);
-- Limits per person look up a person's few orders; nothing in checkout grows with the number of orders.
CREATE INDEX orders_email ON orders (email_normalized, conference_id);
CREATE INDEX orders_session ON orders (session_hash) WHERE status = 'pending';
CREATE INDEX orders_user ON orders (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX orders_created ON orders (conference_id, created_at);
CREATE INDEX orders_pending ON orders (conference_id, hold_expires_at) WHERE status = 'pending';

-- Immutable once ordered. Products may go, lines stay.
CREATE TABLE order_line (
  id INTEGER PRIMARY KEY,
  order_id BIGINT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
  ticket_type_id BIGINT NULL REFERENCES ticket_type (id) ON DELETE SET NULL,
  addon_id BIGINT NULL REFERENCES addon (id) ON DELETE SET NULL,
  kind TEXT NOT NULL CHECK (kind IN ('ticket', 'addon', 'fee')),
  description TEXT NOT NULL,
  quantity INTEGER NOT NULL DEFAULT 1 CHECK (quantity >= 0),
  unit_price BIGINT NOT NULL,
  condition_id BIGINT NULL,
  condition_name TEXT NOT NULL DEFAULT '',
  condition_discount BIGINT NOT NULL DEFAULT 0 CHECK (condition_discount >= 0),
  voucher_discount BIGINT NOT NULL DEFAULT 0 CHECK (voucher_discount >= 0),
  line_total BIGINT NOT NULL,
  gross BIGINT NOT NULL,
  net BIGINT NOT NULL,
  tax BIGINT NOT NULL DEFAULT 0,
  tax_rate TEXT NOT NULL DEFAULT '0',  -- percent, a decimal with up to 4 places
  tax_category TEXT NOT NULL DEFAULT 'outside'
    CHECK (tax_category IN ('standard', 'reduced', 'zero', 'exempt', 'outside')),
  tax_inclusive SMALLINT NOT NULL DEFAULT 1 CHECK (tax_inclusive IN (0, 1)),
  CHECK (ticket_type_id IS NULL OR addon_id IS NULL)
);
CREATE INDEX order_line_order ON order_line (order_id);

CREATE TABLE payment (
  id INTEGER PRIMARY KEY,
  order_id BIGINT NOT NULL REFERENCES orders (id),
  conference_id BIGINT NOT NULL REFERENCES conference (id),
  method TEXT NOT NULL CHECK (method IN ('stripe', 'terminal', 'comp', 'credit', 'manual', 'sandbox')),
  status TEXT NOT NULL CHECK (status IN ('pending', 'processing', 'succeeded', 'failed', 'refunded')),
  amount BIGINT NOT NULL CHECK (amount >= 0),
  currency TEXT NOT NULL,
  intent_id TEXT NOT NULL DEFAULT '',
  charge_id TEXT NOT NULL DEFAULT '',
  gateway_reference TEXT NOT NULL DEFAULT '',
  reference TEXT NOT NULL DEFAULT '',  -- receipt or transfer number
  note TEXT NOT NULL DEFAULT '',
  failure TEXT NOT NULL DEFAULT '',
  created_by BIGINT NULL REFERENCES user_account (id) ON DELETE SET NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX payment_order ON payment (order_id);
CREATE UNIQUE INDEX payment_intent ON payment (intent_id) WHERE intent_id <> '';

-- One for each ticket unit of a paid order.
CREATE TABLE seat (
  id INTEGER PRIMARY KEY,
  order_id BIGINT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
  order_line_id BIGINT NOT NULL REFERENCES order_line (id) ON DELETE CASCADE,
  conference_id BIGINT NOT NULL REFERENCES conference (id),
  ticket_type_id BIGINT NULL REFERENCES ticket_type (id) ON DELETE SET NULL,
  position INTEGER NOT NULL CHECK (position >= 1),
  access_code TEXT NOT NULL,
  name TEXT NOT NULL DEFAULT '',
  email TEXT NOT NULL DEFAULT '',
  user_id BIGINT NULL REFERENCES user_account (id) ON DELETE SET NULL,
  checked_in_at BIGINT NULL,
  status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'void')),
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (order_id, position),
  UNIQUE (access_code)
);
CREATE INDEX seat_conference ON seat (conference_id, ticket_type_id);
CREATE INDEX seat_user ON seat (user_id) WHERE user_id IS NOT NULL;

-- Every transition of an order: who, when, from, to, why.
CREATE TABLE order_event (
  id INTEGER PRIMARY KEY,
  order_id BIGINT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
  created_at BIGINT NOT NULL,
  from_status TEXT NOT NULL DEFAULT '',  -- empty: the order was made
  to_status TEXT NOT NULL,
  source TEXT NOT NULL,                  -- where it came from: checkout, sandbox, sweep, …
  actor TEXT NOT NULL,                   -- buyer, a user's name, system
  reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX order_event_order ON order_event (order_id);

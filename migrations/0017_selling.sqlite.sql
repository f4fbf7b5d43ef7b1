-- What pricing, stock and orders need to say everything about a sale: taxes and who sells, variations, shared
-- quotas, limits of products, budgets and reserves of vouchers, lines that take others back, refunds, changes.
-- plenary: rebuild

-- One row for everything that can run out, whoever counts it. Unlimited: capacity null.
-- product_id: of the ticket type, add-on, variation, quota, voucher or discount; 0 for the conference.
-- voucher: uses. voucher_budget: money, minor units. condition: discounted units.
CREATE TABLE stock_new (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('conference', 'ticket_type', 'addon', 'variation', 'quota', 'voucher',
                                     'voucher_budget', 'condition')),
  product_id BIGINT NOT NULL DEFAULT 0,
  capacity BIGINT NULL CHECK (capacity >= 0),
  sold BIGINT NOT NULL DEFAULT 0 CHECK (sold >= 0),
  held BIGINT NOT NULL DEFAULT 0 CHECK (held >= 0),
  UNIQUE (conference_id, kind, product_id)
);
INSERT INTO stock_new SELECT id, conference_id, kind, product_id, capacity, sold, held FROM stock;

-- What carts, unpaid orders, offers of the waiting list, reserving vouchers and changes of orders keep back. When a hold
-- elapses, its reserved units go back to the hold of the voucher reserve_id, not to everybody.
CREATE TABLE hold_new (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  stock_id BIGINT NOT NULL REFERENCES stock_new (id) ON DELETE CASCADE,
  owner_kind TEXT NOT NULL CHECK (owner_kind IN ('cart', 'order', 'offer', 'voucher', 'change')),
  owner_id BIGINT NOT NULL,
  quantity BIGINT NOT NULL CHECK (quantity > 0),
  expires_at BIGINT NOT NULL,
  reserve_id BIGINT NULL,
  reserved BIGINT NOT NULL DEFAULT 0 CHECK (reserved >= 0 AND reserved <= quantity),
  UNIQUE (owner_kind, owner_id, stock_id)
);
INSERT INTO hold_new (id, conference_id, stock_id, owner_kind, owner_id, quantity, expires_at)
  SELECT id, conference_id, stock_id, owner_kind, owner_id, quantity, expires_at FROM hold;
DROP TABLE hold;
DROP TABLE stock;
ALTER TABLE stock_new RENAME TO stock;
ALTER TABLE hold_new RENAME TO hold;
CREATE INDEX hold_expiry ON hold (conference_id, expires_at);
CREATE INDEX hold_stock ON hold (stock_id);

-- Who sells: a legal entity, with what its invoices must say. source: taxes 25, 3.
CREATE TABLE seller (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  street TEXT NOT NULL DEFAULT '',
  postcode TEXT NOT NULL DEFAULT '',
  city TEXT NOT NULL DEFAULT '',
  region TEXT NOT NULL DEFAULT '',
  country TEXT NOT NULL DEFAULT '',                -- ISO 3166-1 alpha-2
  email TEXT NOT NULL DEFAULT '',
  vat_id TEXT NOT NULL DEFAULT '',
  register_number TEXT NOT NULL DEFAULT '',
  bank_holder TEXT NOT NULL DEFAULT '',
  bank_iban TEXT NOT NULL DEFAULT '',
  bank_bic TEXT NOT NULL DEFAULT '',
  small_business_note TEXT NOT NULL DEFAULT '',
  currency TEXT NOT NULL DEFAULT 'EUR',
  invoice_prefix TEXT NOT NULL,
  credit_note_prefix TEXT NOT NULL,
  restarts_yearly SMALLINT NOT NULL DEFAULT 0 CHECK (restarts_yearly IN (0, 1)),
  datev_consultant TEXT NOT NULL DEFAULT '',
  datev_client TEXT NOT NULL DEFAULT '',
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

ALTER TABLE conference ADD COLUMN seller_id BIGINT NULL REFERENCES seller (id);
ALTER TABLE conference ADD COLUMN event_country TEXT NOT NULL DEFAULT '';  -- where admission is taxed; empty: the seller's
ALTER TABLE conference ADD COLUMN tax_rounding TEXT NOT NULL DEFAULT 'per_rate'
  CHECK (tax_rounding IN ('per_rate', 'per_line'));
ALTER TABLE conference ADD COLUMN discount_choice TEXT NOT NULL DEFAULT 'first_match'
  CHECK (discount_choice IN ('first_match', 'best_match'));
ALTER TABLE conference ADD COLUMN invoice_moment TEXT NOT NULL DEFAULT 'payment'
  CHECK (invoice_moment IN ('payment', 'order', 'request', 'never'));
-- What buyers may do themselves with a paid order. Null: never.
ALTER TABLE conference ADD COLUMN self_change_until BIGINT NULL;
ALTER TABLE conference ADD COLUMN self_cancel_until BIGINT NULL;
ALTER TABLE conference ADD COLUMN cancel_fee_percent TEXT NOT NULL DEFAULT '0';
ALTER TABLE conference ADD COLUMN cancel_fee_amount BIGINT NOT NULL DEFAULT 0 CHECK (cancel_fee_amount >= 0);
ALTER TABLE conference ADD COLUMN cancel_refund TEXT NOT NULL DEFAULT 'original'
  CHECK (cancel_refund IN ('original', 'credit'));
ALTER TABLE conference ADD COLUMN answers_until BIGINT NULL;  -- answers change until then; null: until it begins
ALTER TABLE conference ADD COLUMN offer_hours INTEGER NOT NULL DEFAULT 24 CHECK (offer_hours >= 1);  -- waiting list

-- How a product is taxed. source: taxes 25, 1.
CREATE TABLE tax_rule (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  slug TEXT NOT NULL,
  rate TEXT NOT NULL DEFAULT '0',  -- percent, up to 4 decimals
  includes_tax SMALLINT NOT NULL DEFAULT 1 CHECK (includes_tax IN (0, 1)),
  place_of_supply TEXT NOT NULL DEFAULT 'event' CHECK (place_of_supply IN ('event', 'customer', 'exempt')),
  category TEXT NOT NULL DEFAULT 'standard'
    CHECK (category IN ('standard', 'reduced', 'zero', 'exempt', 'outside')),
  reverse_charge SMALLINT NOT NULL DEFAULT 0 CHECK (reverse_charge IN (0, 1)),
  legal_text TEXT NOT NULL DEFAULT '',
  reverse_charge_text TEXT NOT NULL DEFAULT '',
  account TEXT NOT NULL DEFAULT '',  -- of the bookkeeping, for exports
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX tax_rule_slug_folded ON tax_rule (conference_id, lower(slug));
-- place_of_supply customer: what consumers of a country pay instead.
CREATE TABLE tax_rule_country (
  id INTEGER PRIMARY KEY,
  tax_rule_id BIGINT NOT NULL REFERENCES tax_rule (id) ON DELETE CASCADE,
  country TEXT NOT NULL,
  rate TEXT NOT NULL DEFAULT '0',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (tax_rule_id, country)
);

-- What a service said about a VAT id: evidence, never changed. source: taxes 25, 1.
CREATE TABLE vat_check (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id),
  vat_id TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('valid', 'invalid', 'unavailable')),
  name TEXT NOT NULL DEFAULT '',
  address TEXT NOT NULL DEFAULT '',
  consultation_number TEXT NOT NULL DEFAULT '',
  checked_at BIGINT NOT NULL
);
CREATE INDEX vat_check_id ON vat_check (conference_id, vat_id, checked_at);

-- Limits and choices of a product. source: registration 20, D20 and D37.
ALTER TABLE ticket_type ADD COLUMN tax_rule_id BIGINT NULL REFERENCES tax_rule (id);
ALTER TABLE ticket_type ADD COLUMN free_price SMALLINT NOT NULL DEFAULT 0 CHECK (free_price IN (0, 1));
ALTER TABLE ticket_type ADD COLUMN minimum_price BIGINT NOT NULL DEFAULT 0 CHECK (minimum_price >= 0);
ALTER TABLE ticket_type ADD COLUMN min_per_order INTEGER NOT NULL DEFAULT 0 CHECK (min_per_order >= 0);
ALTER TABLE ticket_type ADD COLUMN max_per_order INTEGER NULL CHECK (max_per_order >= 1);
ALTER TABLE ticket_type ADD COLUMN email_domains TEXT NOT NULL DEFAULT '';  -- "example.org uni.example"; empty: anybody
ALTER TABLE ticket_type ADD COLUMN waiting_list SMALLINT NOT NULL DEFAULT 0 CHECK (waiting_list IN (0, 1));
ALTER TABLE addon ADD COLUMN tax_rule_id BIGINT NULL REFERENCES tax_rule (id);
ALTER TABLE addon ADD COLUMN free_price SMALLINT NOT NULL DEFAULT 0 CHECK (free_price IN (0, 1));
ALTER TABLE addon ADD COLUMN minimum_price BIGINT NOT NULL DEFAULT 0 CHECK (minimum_price >= 0);
ALTER TABLE addon ADD COLUMN min_per_order INTEGER NOT NULL DEFAULT 0 CHECK (min_per_order >= 0);
ALTER TABLE addon ADD COLUMN max_per_order INTEGER NULL CHECK (max_per_order >= 1);
ALTER TABLE addon ADD COLUMN email_domains TEXT NOT NULL DEFAULT '';
ALTER TABLE addon ADD COLUMN waiting_list SMALLINT NOT NULL DEFAULT 0 CHECK (waiting_list IN (0, 1));
ALTER TABLE addon ADD COLUMN limit_per_user INTEGER NULL CHECK (limit_per_user >= 0);
ALTER TABLE addon ADD COLUMN min_per_ticket INTEGER NOT NULL DEFAULT 0 CHECK (min_per_ticket >= 0);
ALTER TABLE addon ADD COLUMN max_per_ticket INTEGER NULL CHECK (max_per_ticket >= 1);

-- Kinds of one product ("S", "M", "L"; "early", "late"). A product with an active one is bought as one of them.
CREATE TABLE variation (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  ticket_type_id BIGINT NULL REFERENCES ticket_type (id) ON DELETE CASCADE,
  addon_id BIGINT NULL REFERENCES addon (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  slug TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  price BIGINT NULL CHECK (price >= 0),             -- null: the product's
  total_quantity INTEGER NOT NULL DEFAULT 0 CHECK (total_quantity >= 0),
  is_active SMALLINT NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
  sort_order INTEGER NOT NULL DEFAULT 0 CHECK (sort_order >= 0),
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  CHECK ((ticket_type_id IS NULL) <> (addon_id IS NULL))
);
CREATE UNIQUE INDEX variation_ticket_type_slug ON variation (ticket_type_id, lower(slug)) WHERE ticket_type_id IS NOT NULL;
CREATE UNIQUE INDEX variation_addon_slug ON variation (addon_id, lower(slug)) WHERE addon_id IS NOT NULL;
CREATE INDEX variation_conference ON variation (conference_id);

-- A number of places that several products share.
CREATE TABLE quota (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  size INTEGER NOT NULL DEFAULT 0 CHECK (size >= 0),  -- 0: unlimited
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX quota_conference ON quota (conference_id);
CREATE TABLE quota_ticket_type (
  quota_id BIGINT NOT NULL REFERENCES quota (id) ON DELETE CASCADE,
  ticket_type_id BIGINT NOT NULL REFERENCES ticket_type (id),
  PRIMARY KEY (quota_id, ticket_type_id)
) WITHOUT ROWID;
CREATE INDEX quota_ticket_type_product ON quota_ticket_type (ticket_type_id);
CREATE TABLE quota_addon (
  quota_id BIGINT NOT NULL REFERENCES quota (id) ON DELETE CASCADE,
  addon_id BIGINT NOT NULL REFERENCES addon (id),
  PRIMARY KEY (quota_id, addon_id)
) WITHOUT ROWID;
CREATE INDEX quota_addon_product ON quota_addon (addon_id);
CREATE TABLE quota_variation (
  quota_id BIGINT NOT NULL REFERENCES quota (id) ON DELETE CASCADE,
  variation_id BIGINT NOT NULL REFERENCES variation (id) ON DELETE CASCADE,
  PRIMARY KEY (quota_id, variation_id)
) WITHOUT ROWID;
CREATE INDEX quota_variation_product ON quota_variation (variation_id);

-- How often each was used is counted in stock; a discount has its row from the start, a voucher from its first use.
INSERT INTO stock (conference_id, kind, product_id, capacity, sold, held)
  SELECT conference_id, 'condition', id, NULLIF(usage_limit, 0), 0, 0 FROM discount_condition;
ALTER TABLE voucher DROP COLUMN times_used;
ALTER TABLE voucher ADD COLUMN budget BIGINT NULL CHECK (budget >= 0);  -- most that it takes off over all orders
ALTER TABLE voucher ADD COLUMN reserves SMALLINT NOT NULL DEFAULT 0 CHECK (reserves IN (0, 1));  -- keeps its units back
ALTER TABLE discount_condition DROP COLUMN times_used;

-- An item is a product, its variation and, where the buyer names it, its price.
ALTER TABLE cart_item ADD COLUMN variation_id BIGINT NULL REFERENCES variation (id) ON DELETE CASCADE;
ALTER TABLE cart_item ADD COLUMN chosen_price BIGINT NULL CHECK (chosen_price >= 0);
DROP INDEX cart_item_ticket_type;
DROP INDEX cart_item_addon;
CREATE UNIQUE INDEX cart_item_product
  ON cart_item (cart_id, COALESCE(ticket_type_id, 0), COALESCE(addon_id, 0), COALESCE(variation_id, 0),
                COALESCE(chosen_price + 1, 0));

-- Immutable once ordered. Products may go, lines stay. A change of an order adds lines: one that takes an earlier one
-- back, whole or in part (reverses_line_id, with its quantity and amounts below zero), and one for what came instead.
CREATE TABLE order_line_new (
  id INTEGER PRIMARY KEY,
  order_id BIGINT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
  ticket_type_id BIGINT NULL REFERENCES ticket_type (id) ON DELETE SET NULL,
  addon_id BIGINT NULL REFERENCES addon (id) ON DELETE SET NULL,
  variation_id BIGINT NULL REFERENCES variation (id) ON DELETE SET NULL,
  kind TEXT NOT NULL CHECK (kind IN ('ticket', 'addon', 'fee')),
  description TEXT NOT NULL,
  quantity INTEGER NOT NULL DEFAULT 1,
  unit_price BIGINT NOT NULL,
  condition_id BIGINT NULL,
  condition_name TEXT NOT NULL DEFAULT '',
  condition_discount BIGINT NOT NULL DEFAULT 0,
  condition_units INTEGER NOT NULL DEFAULT 0,  -- units that the discount reached, of its limit
  voucher_discount BIGINT NOT NULL DEFAULT 0,
  line_total BIGINT NOT NULL,
  gross BIGINT NOT NULL,
  net BIGINT NOT NULL,
  tax BIGINT NOT NULL DEFAULT 0,
  tax_rate TEXT NOT NULL DEFAULT '0',  -- percent, a decimal with up to 4 places
  tax_category TEXT NOT NULL DEFAULT 'outside'
    CHECK (tax_category IN ('standard', 'reduced', 'zero', 'exempt', 'outside')),
  tax_inclusive SMALLINT NOT NULL DEFAULT 1 CHECK (tax_inclusive IN (0, 1)),
  tax_rule_id BIGINT NULL,
  tax_rule_version BIGINT NOT NULL DEFAULT 0,
  tax_country TEXT NOT NULL DEFAULT '',        -- whose rate it is; empty: none applies
  reverse_charge SMALLINT NOT NULL DEFAULT 0 CHECK (reverse_charge IN (0, 1)),
  tax_text TEXT NOT NULL DEFAULT '',           -- what the law wants printed
  reverses_line_id BIGINT NULL REFERENCES order_line_new (id),
  created_at BIGINT NOT NULL DEFAULT 0,        -- 0: with the order
  CHECK (ticket_type_id IS NULL OR addon_id IS NULL),
  CHECK (quantity >= 0 OR reverses_line_id IS NOT NULL)
);
INSERT INTO order_line_new (id, order_id, ticket_type_id, addon_id, kind, description, quantity, unit_price,
    condition_id, condition_name, condition_discount, voucher_discount, line_total, gross, net, tax, tax_rate,
    tax_category, tax_inclusive)
  SELECT id, order_id, ticket_type_id, addon_id, kind, description, quantity, unit_price, condition_id, condition_name,
    condition_discount, voucher_discount, line_total, gross, net, tax, tax_rate, tax_category, tax_inclusive
  FROM order_line;
DROP TABLE order_line;
ALTER TABLE order_line_new RENAME TO order_line;
CREATE INDEX order_line_order ON order_line (order_id);

ALTER TABLE orders ADD COLUMN tax BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN vat_check_id BIGINT NULL REFERENCES vat_check (id);
ALTER TABLE orders ADD COLUMN vat_confirmed SMALLINT NOT NULL DEFAULT 0 CHECK (vat_confirmed IN (0, 1));
ALTER TABLE orders ADD COLUMN comment TEXT NOT NULL DEFAULT '';  -- staff's own note
CREATE INDEX orders_voucher ON orders (voucher_id) WHERE voucher_id IS NOT NULL;
CREATE INDEX orders_attention ON orders (conference_id, id) WHERE attention <> '';

-- Money going back: what was meant, then what came of it. source: payments 21, 9.3.
CREATE TABLE refund (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id),
  order_id BIGINT NOT NULL REFERENCES orders (id),
  payment_id BIGINT NOT NULL REFERENCES payment (id),
  destination TEXT NOT NULL CHECK (destination IN ('card', 'credit', 'manual')),
  amount BIGINT NOT NULL CHECK (amount > 0),
  currency TEXT NOT NULL,
  reason_code TEXT NOT NULL DEFAULT 'requested_by_customer'
    CHECK (reason_code IN ('requested_by_customer', 'duplicate', 'fraudulent')),
  note TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL DEFAULT 'requested' CHECK (status IN ('requested', 'succeeded', 'failed')),
  provider_id TEXT NOT NULL DEFAULT '',
  idempotency_key TEXT NOT NULL,
  failure TEXT NOT NULL DEFAULT '',
  credit_id BIGINT NULL REFERENCES credit (id),
  created_by BIGINT NULL REFERENCES user_account (id) ON DELETE SET NULL,
  settled_at BIGINT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (idempotency_key)
);
CREATE INDEX refund_order ON refund (order_id);
CREATE INDEX refund_payment ON refund (payment_id);
CREATE INDEX refund_open ON refund (conference_id, id) WHERE status = 'requested';
CREATE UNIQUE INDEX refund_provider ON refund (provider_id) WHERE provider_id <> '';

-- What sold orders use of vouchers, their budgets and limited discounts.
CREATE TABLE stock_use (
  order_id BIGINT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
  stock_id BIGINT NOT NULL REFERENCES stock (id) ON DELETE CASCADE,
  quantity BIGINT NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (order_id, stock_id)
) WITHOUT ROWID;
CREATE INDEX stock_use_stock ON stock_use (stock_id);

-- A buyer's change that costs more than it gives back waits for its payment, holding what it needs.
CREATE TABLE order_change (
  id INTEGER PRIMARY KEY,
  order_id BIGINT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
  conference_id BIGINT NOT NULL REFERENCES conference (id),
  status TEXT NOT NULL DEFAULT 'waiting' CHECK (status IN ('waiting', 'applied', 'lapsed')),
  wanted TEXT NOT NULL,            -- JSON: the lines taken back and the items that come instead
  difference BIGINT NOT NULL,      -- minor units; above zero: due
  order_version BIGINT NOT NULL,   -- of the order that it was made for
  expires_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX order_change_order ON order_change (order_id);
CREATE INDEX order_change_waiting ON order_change (conference_id, expires_at) WHERE status = 'waiting';
ALTER TABLE payment ADD COLUMN change_id BIGINT NULL REFERENCES order_change (id);

-- Speakers as far as discounts ask for them. source: Pretalx 40, 4.
CREATE TABLE speaker (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  pretalx_code TEXT NOT NULL,
  name TEXT NOT NULL,
  biography TEXT NOT NULL DEFAULT '',
  avatar_url TEXT NOT NULL DEFAULT '',
  email TEXT NOT NULL DEFAULT '',
  user_id BIGINT NULL REFERENCES user_account (id) ON DELETE SET NULL,
  synced_at BIGINT NULL,
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (conference_id, pretalx_code)
);
CREATE INDEX speaker_user ON speaker (user_id) WHERE user_id IS NOT NULL;
CREATE TABLE talk (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  pretalx_code TEXT NOT NULL,
  title TEXT NOT NULL,
  abstract TEXT NOT NULL DEFAULT '',
  description TEXT NOT NULL DEFAULT '',
  submission_type TEXT NOT NULL DEFAULT '',
  track TEXT NOT NULL DEFAULT '',
  tags TEXT NOT NULL DEFAULT '[]',
  duration INTEGER NULL CHECK (duration >= 0),
  state TEXT NOT NULL DEFAULT '',
  slot_start BIGINT NULL,
  slot_end BIGINT NULL,
  synced_at BIGINT NULL,
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (conference_id, pretalx_code)
);
CREATE TABLE talk_speaker (
  talk_id BIGINT NOT NULL REFERENCES talk (id) ON DELETE CASCADE,
  speaker_id BIGINT NOT NULL REFERENCES speaker (id) ON DELETE CASCADE,
  PRIMARY KEY (talk_id, speaker_id)
) WITHOUT ROWID;
CREATE INDEX talk_speaker_speaker ON talk_speaker (speaker_id);

-- Vouchers, automatic discounts, store credit. What a discount reaches is said for each kind of product:
-- all of them, the selected ones, or none. source: registration 20, D9.

-- Codes are stored upper-case (20, D13). An order is one use; max_units limits the ticket or add-on units of
-- that use (D10), null: no limit. percent is of a percentage, amount of a fixed amount.
CREATE TABLE voucher (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  code TEXT NOT NULL CHECK (code = upper(code)),
  voucher_type TEXT NOT NULL DEFAULT 'comp' CHECK (voucher_type IN ('comp', 'percentage', 'fixed_amount')),
  percent TEXT NOT NULL DEFAULT '0',
  amount BIGINT NOT NULL DEFAULT 0 CHECK (amount >= 0),
  ticket_scope TEXT NOT NULL DEFAULT 'all' CHECK (ticket_scope IN ('all', 'selected', 'none')),
  addon_scope TEXT NOT NULL DEFAULT 'all' CHECK (addon_scope IN ('all', 'selected', 'none')),
  max_uses INTEGER NOT NULL DEFAULT 1 CHECK (max_uses >= 0),  -- 0: never usable
  max_units INTEGER NULL DEFAULT 1 CHECK (max_units >= 1),
  times_used INTEGER NOT NULL DEFAULT 0 CHECK (times_used >= 0),
  valid_from BIGINT NULL,
  valid_until BIGINT NULL,
  unlocks_hidden_tickets SMALLINT NOT NULL DEFAULT 0 CHECK (unlocks_hidden_tickets IN (0, 1)),
  is_active SMALLINT NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
  sponsor_id BIGINT NULL REFERENCES sponsor (id) ON DELETE SET NULL,  -- whose comp voucher it is
  note TEXT NOT NULL DEFAULT '',
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  CHECK (valid_until >= valid_from)
);
CREATE UNIQUE INDEX voucher_code ON voucher (conference_id, code);
CREATE INDEX voucher_sponsor ON voucher (sponsor_id) WHERE sponsor_id IS NOT NULL;
-- A product that a scope names is not deleted: it would widen the scope or empty it.
CREATE TABLE voucher_ticket_type (
  voucher_id BIGINT NOT NULL REFERENCES voucher (id) ON DELETE CASCADE,
  ticket_type_id BIGINT NOT NULL REFERENCES ticket_type (id),
  PRIMARY KEY (voucher_id, ticket_type_id)
) WITHOUT ROWID;
CREATE INDEX voucher_ticket_type_product ON voucher_ticket_type (ticket_type_id);
CREATE TABLE voucher_addon (
  voucher_id BIGINT NOT NULL REFERENCES voucher (id) ON DELETE CASCADE,
  addon_id BIGINT NOT NULL REFERENCES addon (id),
  PRIMARY KEY (voucher_id, addon_id)
) WITHOUT ROWID;
CREATE INDEX voucher_addon_product ON voucher_addon (addon_id);

-- Automatic discounts of all six kinds; which columns a kind uses: registration 20, 3.7.
CREATE TABLE discount_condition (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('time_limit', 'speaker', 'group_member', 'included_product', 'product_discount',
                                     'category_discount')),
  name TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  is_active SMALLINT NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
  priority INTEGER NOT NULL DEFAULT 0,  -- lower first
  discount_type TEXT NOT NULL DEFAULT 'percentage' CHECK (discount_type IN ('percentage', 'fixed_amount')),
  percent TEXT NOT NULL DEFAULT '0',
  amount BIGINT NOT NULL DEFAULT 0 CHECK (amount >= 0),                     -- for each unit
  max_quantity INTEGER NOT NULL DEFAULT 0 CHECK (max_quantity >= 0),        -- units a line; 0: no cap
  ticket_scope TEXT NOT NULL DEFAULT 'all' CHECK (ticket_scope IN ('all', 'selected', 'none')),
  addon_scope TEXT NOT NULL DEFAULT 'all' CHECK (addon_scope IN ('all', 'selected', 'none')),
  start_time BIGINT NULL,
  end_time BIGINT NULL,
  usage_limit INTEGER NOT NULL DEFAULT 0 CHECK (usage_limit >= 0),          -- discounted units; 0: unlimited
  times_used INTEGER NOT NULL DEFAULT 0 CHECK (times_used >= 0),
  is_presenter SMALLINT NOT NULL DEFAULT 1 CHECK (is_presenter IN (0, 1)),
  is_copresenter SMALLINT NOT NULL DEFAULT 0 CHECK (is_copresenter IN (0, 1)),
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  CHECK (end_time >= start_time)
);
CREATE INDEX discount_condition_conference ON discount_condition (conference_id, priority, name);
CREATE TABLE condition_ticket_type (
  condition_id BIGINT NOT NULL REFERENCES discount_condition (id) ON DELETE CASCADE,
  ticket_type_id BIGINT NOT NULL REFERENCES ticket_type (id),
  PRIMARY KEY (condition_id, ticket_type_id)
) WITHOUT ROWID;
CREATE INDEX condition_ticket_type_product ON condition_ticket_type (ticket_type_id);
CREATE TABLE condition_addon (
  condition_id BIGINT NOT NULL REFERENCES discount_condition (id) ON DELETE CASCADE,
  addon_id BIGINT NOT NULL REFERENCES addon (id),
  PRIMARY KEY (condition_id, addon_id)
) WITHOUT ROWID;
CREATE INDEX condition_addon_product ON condition_addon (addon_id);
-- included_product: who bought one of these.
CREATE TABLE condition_enabling_ticket_type (
  condition_id BIGINT NOT NULL REFERENCES discount_condition (id) ON DELETE CASCADE,
  ticket_type_id BIGINT NOT NULL REFERENCES ticket_type (id),
  PRIMARY KEY (condition_id, ticket_type_id)
) WITHOUT ROWID;
CREATE INDEX condition_enabling_ticket_type_product ON condition_enabling_ticket_type (ticket_type_id);
-- group_member: who belongs to one of these.
CREATE TABLE condition_group (
  condition_id BIGINT NOT NULL REFERENCES discount_condition (id) ON DELETE CASCADE,
  group_id BIGINT NOT NULL REFERENCES user_group (id),
  PRIMARY KEY (condition_id, group_id)
) WITHOUT ROWID;
CREATE INDEX condition_group_group ON condition_group (group_id);

-- Store credit of one person in one conference. It is money owed: neither side can be deleted.
CREATE TABLE credit (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id),
  user_id BIGINT NOT NULL REFERENCES user_account (id),
  amount BIGINT NOT NULL CHECK (amount > 0),
  remaining_amount BIGINT NOT NULL CHECK (remaining_amount >= 0),
  currency TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'available' CHECK (status IN ('available', 'applied', 'expired')),
  source_order_id BIGINT NULL REFERENCES orders (id),
  expires_at BIGINT NULL,
  note TEXT NOT NULL DEFAULT '',
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  CHECK (remaining_amount <= amount)
);
CREATE INDEX credit_user ON credit (user_id, conference_id);
CREATE INDEX credit_conference ON credit (conference_id, created_at);

-- Lists of the administration, newest first over all conferences.
CREATE INDEX orders_newest ON orders (created_at, id);
CREATE INDEX payment_newest ON payment (created_at, id);
CREATE INDEX payment_conference ON payment (conference_id, created_at);

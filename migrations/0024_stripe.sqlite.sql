-- What Stripe tells: its events, stored raw first; disputes; customers; what the daily comparison found.

-- One account may send the same event to several conferences. source: payments 21, 2.4 and P24.
CREATE TABLE stripe_event (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  stripe_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  livemode SMALLINT NOT NULL DEFAULT 0 CHECK (livemode IN (0, 1)),
  api_version TEXT NOT NULL DEFAULT '',
  object_id TEXT NOT NULL DEFAULT '',
  intent_id TEXT NOT NULL DEFAULT '',
  customer_id TEXT NOT NULL DEFAULT '',
  payload TEXT NOT NULL DEFAULT '{}',
  state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'processed', 'ignored', 'failed')),
  attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  last_error TEXT NOT NULL DEFAULT '',
  outcome TEXT NOT NULL DEFAULT '',     -- what came of it, for staff
  happened_at BIGINT NOT NULL,          -- at Stripe
  processed_at BIGINT NULL,
  redacted_at BIGINT NULL,              -- its payload is gone
  created_at BIGINT NOT NULL,
  UNIQUE (conference_id, stripe_id)
);
CREATE INDEX stripe_event_listed ON stripe_event (conference_id, id);
CREATE INDEX stripe_event_open ON stripe_event (conference_id, id) WHERE state IN ('new', 'failed');
CREATE INDEX stripe_event_intent ON stripe_event (conference_id, intent_id) WHERE intent_id <> '';
CREATE INDEX stripe_event_payload ON stripe_event (created_at) WHERE redacted_at IS NULL;

-- source: payments 21, 10.5.
CREATE TABLE dispute (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id),
  order_id BIGINT NOT NULL REFERENCES orders (id),
  payment_id BIGINT NOT NULL REFERENCES payment (id),
  provider_id TEXT NOT NULL,
  charge_id TEXT NOT NULL DEFAULT '',
  amount BIGINT NOT NULL CHECK (amount >= 0),
  currency TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  status TEXT NOT NULL,                 -- as Stripe names it
  evidence_due_at BIGINT NULL,
  held_back BIGINT NOT NULL DEFAULT 0 CHECK (held_back >= 0),  -- of our money, at this moment
  fee_amount BIGINT NOT NULL DEFAULT 0,
  told_at BIGINT NOT NULL,              -- of the newest event about it
  opened_at BIGINT NOT NULL,
  closed_at BIGINT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (provider_id)
);
CREATE INDEX dispute_order ON dispute (order_id);
CREATE INDEX dispute_open ON dispute (conference_id, evidence_due_at) WHERE closed_at IS NULL;
ALTER TABLE payment ADD COLUMN disputed BIGINT NOT NULL DEFAULT 0 CHECK (disputed >= 0);
CREATE INDEX payment_charge ON payment (charge_id) WHERE charge_id <> '';

-- source: payments 21, 2.3. The account of the test mode knows others than the real one.
CREATE TABLE stripe_customer (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  user_id BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
  stripe_customer_id TEXT NOT NULL,
  is_test SMALLINT NOT NULL DEFAULT 0 CHECK (is_test IN (0, 1)),
  created_at BIGINT NOT NULL,
  UNIQUE (user_id, conference_id, is_test),
  UNIQUE (conference_id, stripe_customer_id)
);

-- A comparison of our payments and refunds with Stripe's. source: payments 21, P27.
CREATE TABLE reconciliation (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  since BIGINT NOT NULL,
  checked BIGINT NOT NULL DEFAULT 0,
  repaired BIGINT NOT NULL DEFAULT 0,
  unsolved BIGINT NOT NULL DEFAULT 0,
  report TEXT NOT NULL DEFAULT '[]',    -- JSON: what was found, one text each
  problem TEXT NOT NULL DEFAULT '',     -- why it could not be finished
  created_at BIGINT NOT NULL
);
CREATE INDEX reconciliation_listed ON reconciliation (conference_id, id);

-- What staff take in and send back by hand: bank statements and what their entries are for, refunds that are paid out,
-- where a payment came from, cancelled conferences. source: payments 21, 5.3 and P34.

ALTER TABLE payment ADD COLUMN received_on TEXT NULL;
ALTER TABLE payment ADD COLUMN payer_name TEXT NOT NULL DEFAULT '';
ALTER TABLE payment ADD COLUMN payer_iban TEXT NOT NULL DEFAULT '';

-- Succeeded refunds with destination manual wait until somebody has made the transfer. Those of before were recorded
-- when they were made.
ALTER TABLE refund ADD COLUMN paid_out_at BIGINT NULL;
ALTER TABLE refund ADD COLUMN paid_out_by BIGINT NULL REFERENCES user_account (id) ON DELETE SET NULL;
ALTER TABLE refund ADD COLUMN paid_out_reference TEXT NOT NULL DEFAULT '';
UPDATE refund SET paid_out_at = COALESCE(settled_at, updated_at) WHERE destination = 'manual' AND status = 'succeeded';
CREATE INDEX refund_to_pay_out ON refund (conference_id, id)
  WHERE destination = 'manual' AND status = 'succeeded' AND paid_out_at IS NULL;

CREATE INDEX credit_expiring ON credit (expires_at) WHERE status = 'available' AND expires_at IS NOT NULL;

CREATE TABLE bank_statement (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id),
  format TEXT NOT NULL CHECK (format IN ('csv', 'camt')),
  file_name TEXT NOT NULL DEFAULT '',
  account TEXT NOT NULL DEFAULT '',
  currency TEXT NOT NULL DEFAULT '',
  number TEXT NOT NULL DEFAULT '',
  from_date TEXT NULL,
  until_date TEXT NULL,
  opening_balance BIGINT NULL,
  closing_balance BIGINT NULL,
  entries BIGINT NOT NULL DEFAULT 0,
  added BIGINT NOT NULL DEFAULT 0,
  created_by BIGINT NULL REFERENCES user_account (id) ON DELETE SET NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX bank_statement_conference ON bank_statement (conference_id, id);

CREATE TABLE bank_entry (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id),
  statement_id BIGINT NOT NULL REFERENCES bank_statement (id),
  account TEXT NOT NULL DEFAULT '',
  bank_reference TEXT NOT NULL,
  booked_on TEXT NOT NULL,
  value_date TEXT NULL,
  amount BIGINT NOT NULL CHECK (amount <> 0),   -- minor units; below zero: it went out
  currency TEXT NOT NULL,
  counterparty TEXT NOT NULL DEFAULT '',
  counterparty_iban TEXT NOT NULL DEFAULT '',
  remittance TEXT NOT NULL DEFAULT '',
  end_to_end_id TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL DEFAULT '',
  is_reversal SMALLINT NOT NULL DEFAULT 0 CHECK (is_reversal IN (0, 1)),
  is_batch SMALLINT NOT NULL DEFAULT 0 CHECK (is_batch IN (0, 1)),
  state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'matched', 'booked', 'ignored', 'refunded')),
  certainty TEXT NOT NULL DEFAULT 'none' CHECK (certainty IN ('none', 'unclear', 'likely', 'exact')),
  score BIGINT NOT NULL DEFAULT 0 CHECK (score >= 0 AND score <= 100),
  explanation TEXT NOT NULL DEFAULT '[]',
  note TEXT NOT NULL DEFAULT '',
  decided_by BIGINT NULL REFERENCES user_account (id) ON DELETE SET NULL,
  decided_at BIGINT NULL,
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (conference_id, account, bank_reference)
);
CREATE INDEX bank_entry_statement ON bank_entry (statement_id);
CREATE INDEX bank_entry_list ON bank_entry (conference_id, booked_on, id);
CREATE INDEX bank_entry_open ON bank_entry (conference_id, id) WHERE state IN ('new', 'matched');

-- What an entry is for: proposed, then booked as a payment or noted as the transfer of a refund.
CREATE TABLE bank_share (
  id INTEGER PRIMARY KEY,
  entry_id BIGINT NOT NULL REFERENCES bank_entry (id),
  order_id BIGINT NOT NULL REFERENCES orders (id),
  refund_id BIGINT NULL REFERENCES refund (id),
  amount BIGINT NOT NULL CHECK (amount > 0),
  payment_id BIGINT NULL REFERENCES payment (id)
);
CREATE INDEX bank_share_entry ON bank_share (entry_id);
CREATE INDEX bank_share_order ON bank_share (order_id);
CREATE INDEX bank_share_refund ON bank_share (refund_id) WHERE refund_id IS NOT NULL;
CREATE UNIQUE INDEX bank_share_payment ON bank_share (payment_id) WHERE payment_id IS NOT NULL;

-- A conference that does not take place; one run each.
CREATE TABLE cancellation_run (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id),
  way TEXT NOT NULL CHECK (way IN ('full', 'less_fee', 'credit')),
  fee_percent TEXT NOT NULL DEFAULT '0',
  fee_amount BIGINT NOT NULL DEFAULT 0 CHECK (fee_amount >= 0),
  note TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'stopped', 'done')),
  orders BIGINT NOT NULL DEFAULT 0,
  done BIGINT NOT NULL DEFAULT 0,
  failed BIGINT NOT NULL DEFAULT 0,
  card_amount BIGINT NOT NULL DEFAULT 0,
  credit_amount BIGINT NOT NULL DEFAULT 0,
  by_hand_amount BIGINT NOT NULL DEFAULT 0,
  kept_amount BIGINT NOT NULL DEFAULT 0,
  currency TEXT NOT NULL DEFAULT '',
  created_by BIGINT NULL REFERENCES user_account (id) ON DELETE SET NULL,
  actor TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  finished_at BIGINT NULL,
  UNIQUE (conference_id)
);
CREATE TABLE cancelled_order (
  id INTEGER PRIMARY KEY,
  run_id BIGINT NOT NULL REFERENCES cancellation_run (id),
  order_id BIGINT NOT NULL REFERENCES orders (id),
  state TEXT NOT NULL CHECK (state IN ('done', 'failed')),
  card_amount BIGINT NOT NULL DEFAULT 0,
  credit_amount BIGINT NOT NULL DEFAULT 0,
  by_hand_amount BIGINT NOT NULL DEFAULT 0,
  kept_amount BIGINT NOT NULL DEFAULT 0,
  failure TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (run_id, order_id)
);
CREATE INDEX cancelled_order_order ON cancelled_order (order_id);

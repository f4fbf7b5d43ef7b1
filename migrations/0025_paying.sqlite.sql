-- The ways to pay that a conference offers, and orders that are to be paid by bank transfer within their term.

CREATE TABLE payment_setup (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  offers_card SMALLINT NOT NULL DEFAULT 1 CHECK (offers_card IN (0, 1)),
  offers_transfer SMALLINT NOT NULL DEFAULT 0 CHECK (offers_transfer IN (0, 1)),
  offers_credit SMALLINT NOT NULL DEFAULT 1 CHECK (offers_credit IN (0, 1)),
  account_holder TEXT NOT NULL DEFAULT '',
  iban TEXT NOT NULL DEFAULT '',            -- without blanks
  bic TEXT NOT NULL DEFAULT '',
  bank_name TEXT NOT NULL DEFAULT '',
  instructions TEXT NOT NULL DEFAULT '',    -- what payers need beside; accounts without an IBAN
  term_days BIGINT NOT NULL DEFAULT 7 CHECK (term_days >= 1),
  ends_days_before BIGINT NOT NULL DEFAULT 1 CHECK (ends_days_before >= 0),  -- the first day
  reminder_days BIGINT NOT NULL DEFAULT 2 CHECK (reminder_days >= 0),        -- before the end; 0: none
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (conference_id)
);

-- The buyer chose bank transfer: the order is held until then.
CREATE TABLE payment_term (
  id INTEGER PRIMARY KEY,
  order_id BIGINT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
  conference_id BIGINT NOT NULL REFERENCES conference (id),
  chosen_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  remind_at BIGINT NULL,   -- null: no reminder, or it was sent
  reminded_at BIGINT NULL,
  UNIQUE (order_id)
);
CREATE INDEX payment_term_remind ON payment_term (conference_id, remind_at) WHERE remind_at IS NOT NULL;

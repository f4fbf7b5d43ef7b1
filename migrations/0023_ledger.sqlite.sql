-- Every cent as a double entry, written in the transaction that causes it; what is known of a payment's card and fee.

CREATE TABLE ledger_entry (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id),
  debit TEXT NOT NULL,
  credit TEXT NOT NULL,
  amount BIGINT NOT NULL CHECK (amount > 0),  -- minor units, from the credited account to the debited one
  currency TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN
    ('sale', 'change', 'payment', 'refund', 'credit', 'fee', 'dispute', 'payout', 'correction')),
  is_test SMALLINT NOT NULL DEFAULT 0 CHECK (is_test IN (0, 1)),
  order_id BIGINT NULL REFERENCES orders (id),
  order_line_id BIGINT NULL,
  payment_id BIGINT NULL,
  refund_id BIGINT NULL,
  credit_id BIGINT NULL,
  reference TEXT NOT NULL DEFAULT '',         -- a provider's number: of a dispute, a payout
  created_at BIGINT NOT NULL,
  CHECK (debit <> credit)
);
CREATE INDEX ledger_entry_order ON ledger_entry (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX ledger_entry_figures ON ledger_entry (conference_id, created_at, is_test, debit, credit, amount);

ALTER TABLE payment ADD COLUMN channel TEXT NOT NULL DEFAULT ''
  CHECK (channel IN ('', 'transfer', 'cash', 'cheque', 'card'));
ALTER TABLE payment ADD COLUMN credit_id BIGINT NULL REFERENCES credit (id);
ALTER TABLE payment ADD COLUMN fee_amount BIGINT NULL;
ALTER TABLE payment ADD COLUMN card_brand TEXT NOT NULL DEFAULT '';
ALTER TABLE payment ADD COLUMN card_last4 TEXT NOT NULL DEFAULT '';

-- What happened before there was a ledger: sold lines, money in, money back, credits.
INSERT INTO ledger_entry (conference_id, debit, credit, amount, currency, kind, is_test, order_id, order_line_id,
    payment_id, refund_id, credit_id, created_at)
  SELECT conference_id, CASE WHEN amount > 0 THEN debit ELSE credit END, CASE WHEN amount > 0 THEN credit ELSE debit END,
    ABS(amount), currency, kind, is_test, order_id, order_line_id, payment_id, refund_id, credit_id, created_at
  FROM (
    SELECT o.conference_id, 'receivable' AS debit,
      CASE l.kind WHEN 'ticket' THEN 'tickets' WHEN 'addon' THEN 'addons' ELSE 'fees' END AS credit,
      l.gross - l.tax + l.condition_discount + l.voucher_discount AS amount, o.currency,
      CASE WHEN l.created_at > o.paid_at THEN 'change' ELSE 'sale' END AS kind, o.is_sandbox AS is_test, o.id AS order_id,
      l.id AS order_line_id, CAST(NULL AS BIGINT) AS payment_id, CAST(NULL AS BIGINT) AS refund_id,
      CAST(NULL AS BIGINT) AS credit_id,
      CASE WHEN l.created_at > o.paid_at THEN l.created_at ELSE o.paid_at END AS created_at
    FROM order_line l JOIN orders o ON o.id = l.order_id WHERE o.paid_at IS NOT NULL
    UNION ALL
    SELECT o.conference_id, 'discounts', 'receivable', l.condition_discount + l.voucher_discount, o.currency,
      CASE WHEN l.created_at > o.paid_at THEN 'change' ELSE 'sale' END, o.is_sandbox, o.id, l.id, NULL, NULL, NULL,
      CASE WHEN l.created_at > o.paid_at THEN l.created_at ELSE o.paid_at END
    FROM order_line l JOIN orders o ON o.id = l.order_id WHERE o.paid_at IS NOT NULL
    UNION ALL
    SELECT o.conference_id, 'receivable', 'tax', l.tax, o.currency,
      CASE WHEN l.created_at > o.paid_at THEN 'change' ELSE 'sale' END, o.is_sandbox, o.id, l.id, NULL, NULL, NULL,
      CASE WHEN l.created_at > o.paid_at THEN l.created_at ELSE o.paid_at END
    FROM order_line l JOIN orders o ON o.id = l.order_id WHERE o.paid_at IS NOT NULL
    UNION ALL
    SELECT p.conference_id,
      CASE p.method WHEN 'comp' THEN 'waived' WHEN 'credit' THEN 'credits' WHEN 'manual' THEN 'bank' ELSE p.method END,
      'receivable', p.amount, p.currency, 'payment', o.is_sandbox, o.id, NULL, p.id, NULL, NULL, p.updated_at
    FROM payment p JOIN orders o ON o.id = p.order_id WHERE p.status IN ('succeeded', 'refunded')
    UNION ALL
    SELECT r.conference_id, 'receivable',
      CASE WHEN r.destination = 'credit' THEN 'credits'
        ELSE CASE p.method WHEN 'comp' THEN 'waived' WHEN 'credit' THEN 'credits' WHEN 'manual' THEN 'bank'
          ELSE p.method END END,
      r.amount, r.currency, 'refund', o.is_sandbox, o.id, NULL, p.id, r.id, r.credit_id,
      COALESCE(r.settled_at, r.updated_at)
    FROM refund r JOIN payment p ON p.id = r.payment_id JOIN orders o ON o.id = r.order_id WHERE r.status = 'succeeded'
    UNION ALL
    SELECT c.conference_id, 'goodwill', 'credits', c.amount, c.currency, 'credit', 0, NULL, NULL, NULL, NULL, c.id,
      c.created_at
    FROM credit c WHERE NOT EXISTS (SELECT 1 FROM refund r WHERE r.credit_id = c.id)
    UNION ALL
    SELECT c.conference_id, 'credits', 'expired_credits', c.remaining_amount, c.currency, 'credit', 0, NULL, NULL, NULL,
      NULL, c.id, c.updated_at
    FROM credit c WHERE c.status = 'expired'
  ) facts WHERE amount <> 0 ORDER BY created_at, order_id, order_line_id;

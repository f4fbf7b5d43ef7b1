-- What paying costs by its way, terms for what is due of orders that are sold already, fees in the currency in which
-- they were taken, entries of statements that look alike, and gifts that were spent on test orders.

-- A fee of a way to pay: a fixed amount and a part of what is paid; taxed by a rule of its own.
ALTER TABLE payment_setup ADD COLUMN card_fee_amount BIGINT NOT NULL DEFAULT 0 CHECK (card_fee_amount >= 0);
ALTER TABLE payment_setup ADD COLUMN card_fee_percent TEXT NOT NULL DEFAULT '0';
ALTER TABLE payment_setup ADD COLUMN transfer_fee_amount BIGINT NOT NULL DEFAULT 0 CHECK (transfer_fee_amount >= 0);
ALTER TABLE payment_setup ADD COLUMN transfer_fee_percent TEXT NOT NULL DEFAULT '0';
ALTER TABLE payment_setup ADD COLUMN fee_tax_rule_id BIGINT NULL REFERENCES tax_rule (id) ON DELETE SET NULL;

-- A term of an order that is sold: for what is due of it, or for a change that waits.
ALTER TABLE payment_term ADD COLUMN is_balance SMALLINT NOT NULL DEFAULT 0 CHECK (is_balance IN (0, 1));

-- Providers keep their fees in the currency of the account; empty: the payment's.
ALTER TABLE payment ADD COLUMN fee_currency TEXT NOT NULL DEFAULT '';
ALTER TABLE dispute ADD COLUMN fee_currency TEXT NOT NULL DEFAULT '';

-- The money pages sum one currency at a time.
DROP INDEX ledger_entry_figures;
CREATE INDEX ledger_entry_figures
  ON ledger_entry (conference_id, created_at, is_test, currency, debit, credit, kind, amount);

-- Likely the same movement of an account, told by another file.
ALTER TABLE bank_entry ADD COLUMN duplicate_of_id BIGINT NULL REFERENCES bank_entry (id);
CREATE INDEX bank_entry_duplicates ON bank_entry (duplicate_of_id) WHERE duplicate_of_id IS NOT NULL;

-- Gifts that stem from a test order belong to its books; a gift that was spent on one leaves the real books.
UPDATE ledger_entry SET is_test = 1 WHERE kind = 'credit' AND is_test = 0 AND credit_id IN
  (SELECT c.id FROM credit c JOIN orders o ON o.id = c.source_order_id WHERE o.is_sandbox = 1);
INSERT INTO ledger_entry (conference_id, debit, credit, amount, currency, kind, is_test, order_id, credit_id, reference,
    created_at)
  SELECT s.conference_id, CASE b.is_test WHEN 1 THEN 'goodwill' ELSE 'credits' END,
    CASE b.is_test WHEN 1 THEN 'credits' ELSE 'goodwill' END, s.amount, s.currency, 'credit', b.is_test,
    CASE b.is_test WHEN 1 THEN s.order_id END, s.credit_id, s.reference, s.created_at
  FROM (SELECT p.conference_id, p.order_id, o.reference, p.credit_id, p.currency, p.created_at,
      p.amount - COALESCE((SELECT CAST(SUM(r.amount) AS BIGINT) FROM refund r
        WHERE r.payment_id = p.id AND r.status = 'succeeded' AND r.credit_id = p.credit_id), 0) AS amount
    FROM payment p JOIN orders o ON o.id = p.order_id JOIN credit c ON c.id = p.credit_id
    WHERE p.method = 'credit' AND p.status IN ('succeeded', 'refunded') AND o.is_sandbox = 1
      AND c.source_order_id IS NULL) s
  CROSS JOIN (SELECT 0 AS is_test UNION ALL SELECT 1) b
  WHERE s.amount > 0;

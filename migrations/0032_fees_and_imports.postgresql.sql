-- What a transfer costs is fixed when it is chosen; statements of one import know each other.

-- Gross. Null: a term of before, whose fee is no line of the order yet; it is reckoned from the set-up.
ALTER TABLE payment_term ADD COLUMN fee BIGINT NULL;
-- Of orders that are sold: the balance that it was chosen for, without fee (null: a term of before), what had come in
-- by then, and whether the fee is a line of the order.
ALTER TABLE payment_term ADD COLUMN balance BIGINT NULL;
ALTER TABLE payment_term ADD COLUMN paid_before BIGINT NOT NULL DEFAULT 0;
ALTER TABLE payment_term ADD COLUMN has_fee_line SMALLINT NOT NULL DEFAULT 0 CHECK (has_fee_line IN (0, 1));

UPDATE payment_term SET paid_before =
  COALESCE((SELECT CAST(SUM(p.amount) AS BIGINT) FROM payment p WHERE p.order_id = payment_term.order_id
    AND p.status IN ('succeeded', 'refunded') AND p.created_at < payment_term.chosen_at), 0)
  - COALESCE((SELECT CAST(SUM(r.amount) AS BIGINT) FROM refund r WHERE r.order_id = payment_term.order_id
    AND r.status IN ('requested', 'succeeded') AND r.created_at < payment_term.chosen_at), 0);
-- Orders that wait for their first payment have the fee as a line.
UPDATE payment_term SET fee = (SELECT CAST(SUM(l.gross) AS BIGINT) FROM order_line l
    WHERE l.order_id = payment_term.order_id AND l.kind = 'fee' AND l.description = 'Fee for bank transfer')
  WHERE is_balance = 0 AND (SELECT SUM(l.gross) FROM order_line l
    WHERE l.order_id = payment_term.order_id AND l.kind = 'fee' AND l.description = 'Fee for bank transfer') > 0;

-- Statements that came in one file: the first of them. Of those of before it is told by what they say: the same file,
-- by the same person, begun within seconds of the last entry of the one before.
ALTER TABLE bank_statement ADD COLUMN import_id BIGINT NULL;
WITH told AS (
  SELECT s.id, s.conference_id, s.format, s.file_name, COALESCE(s.created_by, 0) AS person, s.created_at,
    COALESCE((SELECT MAX(e.created_at) FROM bank_entry e WHERE e.statement_id = s.id), s.created_at) AS ended_at
  FROM bank_statement s),
begun AS (
  SELECT id, conference_id, CASE WHEN file_name <> ''
    AND LAG(file_name) OVER (PARTITION BY conference_id ORDER BY id) = file_name
    AND LAG(format) OVER (PARTITION BY conference_id ORDER BY id) = format
    AND LAG(person) OVER (PARTITION BY conference_id ORDER BY id) = person
    AND created_at - LAG(ended_at) OVER (PARTITION BY conference_id ORDER BY id) <= 10000000 THEN NULL ELSE id END AS first_id
  FROM told),
grouped AS (
  SELECT id, MAX(first_id) OVER (PARTITION BY conference_id ORDER BY id) AS import_id FROM begun)
UPDATE bank_statement SET import_id = (SELECT g.import_id FROM grouped g WHERE g.id = bank_statement.id);

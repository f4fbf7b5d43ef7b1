-- What a lowered limit, or a change of what it counts, left in use over it: sold + held <= capacity + over_limit. Set by
-- the write that changes the limit, less with everything that comes back. Of rows of before nobody can tell; they pass.
ALTER TABLE stock ADD COLUMN over_limit BIGINT NOT NULL DEFAULT 0 CHECK (over_limit >= 0);
UPDATE stock SET over_limit = sold + held - capacity WHERE sold + held > capacity;

-- What was waived of an order is void when none of its units is left (payments.md), in the ledger as a correction. Orders
-- cancelled before that rule have none: it is entered when the conference was last written to, behind all its entries,
-- so that no figure of a time that is over changes.
INSERT INTO ledger_entry (conference_id, debit, credit, amount, currency, kind, is_test, order_id, payment_id, created_at)
  SELECT f.conference_id, 'receivable', 'waived', f.amount, f.currency, 'correction', f.is_sandbox, f.order_id,
    f.payment_id, f.created_at
  FROM (
    SELECT o.conference_id, o.currency, o.is_sandbox, o.id AS order_id, p.id AS payment_id,
      p.amount - COALESCE((SELECT CAST(SUM(r.amount) AS BIGINT) FROM refund r WHERE r.payment_id = p.id
        AND r.status IN ('requested', 'succeeded')), 0) AS amount,
      CASE WHEN c.last_commit_at > o.updated_at THEN c.last_commit_at ELSE o.updated_at END AS created_at
    FROM orders o JOIN conference c ON c.id = o.conference_id JOIN payment p ON p.order_id = o.id
    WHERE o.status = 'refunded' AND p.method = 'comp' AND p.status = 'succeeded'
      AND NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.order_id = o.id AND e.payment_id = p.id
        AND e.kind = 'correction')
  ) f WHERE f.amount > 0 ORDER BY f.created_at, f.order_id, f.payment_id;

-- The money pages sum the ledger by reason too: answered by the index alone.

DROP INDEX ledger_entry_figures;
CREATE INDEX ledger_entry_figures ON ledger_entry (conference_id, created_at, is_test, debit, credit, kind, amount);

-- Which sellers issued documents of a conference: they are locked by id before a number is drawn (invoices.md), and
-- the bookkeeping page offers them.
CREATE INDEX invoice_document_issuer ON invoice_document (conference_id, seller_id);

-- The largest group that waits in a line, and those beyond a limit, are found in the index alone.
CREATE INDEX waiting_choice_needs ON waiting_choice (line_id, needs) WHERE is_waiting = 1;

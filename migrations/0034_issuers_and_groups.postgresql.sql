-- Which sellers issued documents of a conference: they are locked by id before a number is drawn (invoices.md), and
-- the bookkeeping page offers them.
CREATE INDEX invoice_document_issuer ON invoice_document (conference_id, seller_id);

-- The largest group that waits in a line, and those beyond a limit, are found in the index alone.
CREATE INDEX waiting_choice_needs ON waiting_choice (line_id, needs) WHERE is_waiting = 1;

-- A line of a change that stands for units of an earlier line, in another variation or without its tax: what they were
-- bought as is found through it. Of changes of before nobody knows; their lines count as bought then.
ALTER TABLE order_line ADD COLUMN replaces_line_id BIGINT NULL;

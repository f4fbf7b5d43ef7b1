-- Invoices and credit notes: numbers without gaps, what they say, and the files that were made of them.

-- The last number drawn, in the transaction that issues the document. year 0: numbers go on for ever.
CREATE TABLE invoice_series (
  id INTEGER PRIMARY KEY,
  seller_id BIGINT NOT NULL REFERENCES seller (id),
  kind TEXT NOT NULL CHECK (kind IN ('invoice', 'credit_note')),
  year INTEGER NOT NULL DEFAULT 0,
  is_test SMALLINT NOT NULL DEFAULT 0 CHECK (is_test IN (0, 1)),
  last_number BIGINT NOT NULL DEFAULT 0 CHECK (last_number >= 0),
  UNIQUE (seller_id, kind, year, is_test)
);

-- Added to and read, never changed: everything printed is in the snapshot (JSON). Amounts of credit notes are below
-- zero, so that the sums over an order's documents are what it is now. source: taxes 25, 4.
CREATE TABLE invoice_document (
  id INTEGER PRIMARY KEY,
  seller_id BIGINT NOT NULL REFERENCES seller (id),
  conference_id BIGINT NOT NULL REFERENCES conference (id),
  order_id BIGINT NOT NULL REFERENCES orders (id),
  series_id BIGINT NOT NULL REFERENCES invoice_series (id),
  serial BIGINT NOT NULL CHECK (serial > 0),
  number TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('invoice', 'credit_note')),
  is_test SMALLINT NOT NULL DEFAULT 0 CHECK (is_test IN (0, 1)),
  corrects_id BIGINT NULL REFERENCES invoice_document (id),
  issued_on TEXT NOT NULL,
  issued_at BIGINT NOT NULL,
  language TEXT NOT NULL DEFAULT '',
  currency TEXT NOT NULL,
  net BIGINT NOT NULL,
  tax BIGINT NOT NULL,
  gross BIGINT NOT NULL,
  payment_method TEXT NOT NULL DEFAULT '',
  snapshot TEXT NOT NULL,
  UNIQUE (seller_id, number),
  UNIQUE (series_id, serial),
  CHECK ((kind = 'credit_note') = (corrects_id IS NOT NULL))
);
CREATE INDEX invoice_document_order ON invoice_document (order_id);
CREATE INDEX invoice_document_conference ON invoice_document (conference_id, id);
CREATE INDEX invoice_document_period ON invoice_document (seller_id, issued_on, id);

-- The lines as printed, for bookkeeping.
CREATE TABLE invoice_line (
  document_id BIGINT NOT NULL REFERENCES invoice_document (id),
  position INTEGER NOT NULL,
  description TEXT NOT NULL,
  quantity BIGINT NOT NULL,
  unit_price BIGINT NOT NULL,
  discount BIGINT NOT NULL DEFAULT 0,
  net BIGINT NOT NULL,
  tax BIGINT NOT NULL,
  gross BIGINT NOT NULL,
  tax_rate TEXT NOT NULL DEFAULT '0',
  tax_category TEXT NOT NULL DEFAULT 'outside'
    CHECK (tax_category IN ('standard', 'reduced', 'zero', 'exempt', 'outside')),
  tax_country TEXT NOT NULL DEFAULT '',
  reverse_charge SMALLINT NOT NULL DEFAULT 0 CHECK (reverse_charge IN (0, 1)),
  account TEXT NOT NULL DEFAULT '',  -- of the bookkeeping, as the tax rule named it then
  PRIMARY KEY (document_id, position)
) WITHOUT ROWID;

-- Which of the order's lines a document is about. direction 1: it says them, -1: it takes them back. The sum over an
-- order's documents is 1 for what they say now, 0 for the rest.
CREATE TABLE invoice_cover (
  document_id BIGINT NOT NULL REFERENCES invoice_document (id),
  order_line_id BIGINT NOT NULL REFERENCES order_line (id),
  direction INTEGER NOT NULL CHECK (direction * direction = 1),
  PRIMARY KEY (document_id, order_line_id)
) WITHOUT ROWID;
CREATE INDEX invoice_cover_line ON invoice_cover (order_line_id);

-- The file made of a document, once.
CREATE TABLE invoice_file (
  document_id BIGINT PRIMARY KEY REFERENCES invoice_document (id),
  sha256 TEXT NOT NULL,
  size BIGINT NOT NULL,
  content TEXT NOT NULL,  -- base64
  stored_at BIGINT NOT NULL
) WITHOUT ROWID;

-- Orders whose documents are to be looked at, soon after what happened to them.
CREATE TABLE invoice_due (
  order_id BIGINT PRIMARY KEY REFERENCES orders (id) ON DELETE CASCADE,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  due_at BIGINT NOT NULL,
  problem TEXT NOT NULL DEFAULT ''  -- why nothing could be issued the last time
) WITHOUT ROWID;
CREATE INDEX invoice_due_at ON invoice_due (due_at);

-- What invoices in another currency than the seller's tell the tax by: 1 of currency is `rate` of base.
CREATE TABLE exchange_rate (
  id INTEGER PRIMARY KEY,
  currency TEXT NOT NULL,
  base TEXT NOT NULL,
  valid_on TEXT NOT NULL,
  rate TEXT NOT NULL,
  source TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (currency, base, valid_on)
);

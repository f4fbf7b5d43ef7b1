-- Many vouchers alike, made in pieces by a job: what is wanted, and how far it is. source: registration 20, 5.4.
CREATE TABLE voucher_batch (
  id INTEGER PRIMARY KEY,
  conference_id BIGINT NOT NULL REFERENCES conference (id) ON DELETE CASCADE,
  prefix TEXT NOT NULL DEFAULT '',
  wanted INTEGER NOT NULL CHECK (wanted >= 1 AND wanted <= 10000),
  made INTEGER NOT NULL DEFAULT 0 CHECK (made >= 0 AND made <= wanted),
  model TEXT NOT NULL,                -- JSON: what each voucher is like
  status TEXT NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'done', 'stopped')),
  problem TEXT NOT NULL DEFAULT '',   -- why it stopped by itself
  created_by BIGINT NULL REFERENCES user_account (id) ON DELETE SET NULL,
  finished_at BIGINT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX voucher_batch_conference ON voucher_batch (conference_id, id);

ALTER TABLE voucher ADD COLUMN batch_id BIGINT NULL REFERENCES voucher_batch (id) ON DELETE SET NULL;
CREATE INDEX voucher_batch_of ON voucher (batch_id) WHERE batch_id IS NOT NULL;

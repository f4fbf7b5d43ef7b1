-- Tokens of programs that call the API, and the answers to calls that must not take effect twice.

CREATE TABLE api_token (
  id INTEGER PRIMARY KEY,
  user_id BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
  conference_id BIGINT NULL REFERENCES conference (id) ON DELETE CASCADE,  -- null: every one of the owner's
  name TEXT NOT NULL,
  prefix TEXT NOT NULL,       -- the part that is shown, and by which it is found
  secret_hash TEXT NOT NULL,  -- of the part that is not
  scopes TEXT NOT NULL,       -- "orders:read vouchers:write"
  expires_at BIGINT NULL,
  last_used_at BIGINT NULL,
  revoked_at BIGINT NULL,
  created_at BIGINT NOT NULL,
  UNIQUE (prefix)
);
CREATE INDEX api_token_user ON api_token (user_id);
CREATE INDEX api_token_conference ON api_token (conference_id) WHERE conference_id IS NOT NULL;

CREATE TABLE api_answer (
  caller TEXT NOT NULL,           -- hash of who called, and at which conference
  idempotency_key TEXT NOT NULL,  -- as the caller chose it
  request_hash TEXT NOT NULL,     -- of method, address and body
  status INTEGER NOT NULL,
  body TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (caller, idempotency_key)
) WITHOUT ROWID;
CREATE INDEX api_answer_created ON api_answer (created_at);

-- People who sign in: one address for each account with a password, mailed links, counters of the limits.

CREATE UNIQUE INDEX user_account_sign_in_email ON user_account (email_normalized)
  WHERE password_hash IS NOT NULL AND email_normalized <> '';

-- A link that was mailed, or printed by `serve`. The token is derived from the nonce with the server's key, so that
-- the mail can be rendered later; here lies its hash alone. source: ground rules 15, 2.4.
CREATE TABLE account_link (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('verify', 'reset', 'change_email', 'claim', 'set_up', 'find_orders')),
  user_id BIGINT NULL REFERENCES user_account (id) ON DELETE CASCADE,
  order_id BIGINT NULL REFERENCES orders (id) ON DELETE CASCADE,
  conference_id BIGINT NULL REFERENCES conference (id) ON DELETE CASCADE,
  email TEXT NOT NULL DEFAULT '',  -- the address that it proves, as typed; empty: nobody's, no mail goes out
  email_normalized TEXT NOT NULL DEFAULT '',
  -- a sign-up: no account exists before its address was proven
  name TEXT NOT NULL DEFAULT '',
  password_hash TEXT NULL,
  language TEXT NOT NULL DEFAULT '',
  next_path TEXT NOT NULL DEFAULT '',  -- where to go on, a path of ours
  nonce TEXT NOT NULL,
  token_hash TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT NULL,
  UNIQUE (token_hash)
);
CREATE INDEX account_link_user ON account_link (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX account_link_order ON account_link (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX account_link_conference ON account_link (conference_id) WHERE conference_id IS NOT NULL;
CREATE INDEX account_link_expiry ON account_link (expires_at);

-- How often something was done lately, by whom: a window and the one before it. source: ground rules 15, 5.5.
CREATE TABLE rate_count (
  kind TEXT NOT NULL,
  counted_by TEXT NOT NULL,        -- a hash of the account, address or network
  window_start BIGINT NOT NULL,
  in_window INTEGER NOT NULL DEFAULT 0,
  in_window_before INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (kind, counted_by)
) WITHOUT ROWID;
CREATE INDEX rate_count_age ON rate_count (window_start);

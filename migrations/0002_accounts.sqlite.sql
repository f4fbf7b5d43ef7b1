-- Accounts and sessions. A guest is an account without a password; its e-mail need not be unique.

CREATE TABLE user_account (
  id INTEGER PRIMARY KEY,
  username TEXT NULL,
  email TEXT NOT NULL DEFAULT '',
  email_normalized TEXT NOT NULL DEFAULT '',  -- trimmed and case-folded: what limits count by
  name TEXT NOT NULL DEFAULT '',
  password_hash TEXT NULL,                    -- null: a guest, who may claim the account by a mailed link
  is_staff SMALLINT NOT NULL DEFAULT 0 CHECK (is_staff IN (0, 1)),
  is_superuser SMALLINT NOT NULL DEFAULT 0 CHECK (is_superuser IN (0, 1)),
  is_active SMALLINT NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
  is_demo SMALLINT NOT NULL DEFAULT 0 CHECK (is_demo IN (0, 1)),
  email_verified_at BIGINT NULL,
  language TEXT NOT NULL DEFAULT '',
  last_sign_in_at BIGINT NULL,
  version BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (username)
);
CREATE INDEX user_account_email ON user_account (email_normalized);

-- Born with the first cart line or the sign-in; the id is stored hashed.
CREATE TABLE session (
  id_hash TEXT NOT NULL PRIMARY KEY,
  user_id BIGINT NULL REFERENCES user_account (id) ON DELETE CASCADE,
  conference_id BIGINT NULL REFERENCES conference (id) ON DELETE CASCADE,
  created_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  address TEXT NOT NULL DEFAULT '',
  user_agent TEXT NOT NULL DEFAULT '',
  data TEXT NOT NULL DEFAULT '{}'
) WITHOUT ROWID;
CREATE INDEX session_account ON session (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX session_expiry ON session (expires_at);

-- Signing in, second part: second factors, the step between password and factor, what was signed in when and
-- where, and forms kept while their person is signed out.

-- When this session's person last gave a password or a code; when a code of the second factor; locked: answers
-- as if signed out until its person gives one again. Wrong answers since the last right one.
ALTER TABLE session ADD COLUMN proven_at BIGINT NULL;
ALTER TABLE session ADD COLUMN second_factor_at BIGINT NULL;
ALTER TABLE session ADD COLUMN locked_at BIGINT NULL;
ALTER TABLE session ADD COLUMN wrong_answers BIGINT NOT NULL DEFAULT 0;

-- The secret of somebody's authenticator app, sealed; until it is confirmed by a code it asks for nothing.
CREATE TABLE second_factor (
  user_id BIGINT NOT NULL PRIMARY KEY REFERENCES user_account (id) ON DELETE CASCADE,
  secret TEXT NOT NULL,
  confirmed_at BIGINT NULL,
  last_step BIGINT NOT NULL DEFAULT 0,  -- of the last code that was taken: each counts once
  created_at BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE recovery_code (
  id INTEGER PRIMARY KEY,
  user_id BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
  code_hash TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  used_at BIGINT NULL,
  UNIQUE (user_id, code_hash)
);

-- Between the password (or a mailed link) and the second factor. No session yet.
CREATE TABLE sign_in_challenge (
  token_hash TEXT NOT NULL PRIMARY KEY,
  user_id BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
  way TEXT NOT NULL CHECK (way IN ('password', 'reset', 'verify', 'claim', 'set_up', 'invitation')),
  tries BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sign_in_challenge_account ON sign_in_challenge (user_id);
CREATE INDEX sign_in_challenge_expiry ON sign_in_challenge (expires_at);

-- What happened at the door of an account, for its owner.
CREATE TABLE sign_in_event (
  id INTEGER PRIMARY KEY,
  user_id BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
  happened_at BIGINT NOT NULL,
  what TEXT NOT NULL,
  way TEXT NOT NULL DEFAULT '',
  address TEXT NOT NULL DEFAULT '',
  user_agent TEXT NOT NULL DEFAULT '',
  device TEXT NOT NULL DEFAULT '' CHECK (device IN ('', 'known', 'new'))
);
CREATE INDEX sign_in_event_account ON sign_in_event (user_id, id);
CREATE INDEX sign_in_event_time ON sign_in_event (happened_at);

-- Attempts since the last sign-in that worked; the wait doubles. Keys are hashes.
CREATE TABLE sign_in_wait (
  counted_by TEXT NOT NULL PRIMARY KEY,
  attempts BIGINT NOT NULL DEFAULT 0,
  last_at BIGINT NOT NULL,
  open_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sign_in_wait_time ON sign_in_wait (last_at);

-- A form that came when its person was signed out, sealed. One for each person and path.
CREATE TABLE form_draft (
  id INTEGER PRIMARY KEY,
  user_id BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  UNIQUE (user_id, path)
);
CREATE INDEX form_draft_expiry ON form_draft (expires_at);

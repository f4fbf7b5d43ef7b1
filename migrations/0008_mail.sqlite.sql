-- Every mail that was sent or refused, by its Message-ID: bounces name it. Addresses go when a person is anonymised.

CREATE TABLE mail_message (
  id INTEGER PRIMARY KEY,
  message_id TEXT NOT NULL,        -- without the angle brackets; the same at each attempt
  kind TEXT NOT NULL,
  conference_id BIGINT NULL REFERENCES conference (id) ON DELETE CASCADE,
  order_id BIGINT NULL REFERENCES orders (id) ON DELETE CASCADE,
  seat_id BIGINT NULL REFERENCES seat (id) ON DELETE CASCADE,
  user_id BIGINT NULL REFERENCES user_account (id) ON DELETE CASCADE,
  recipient TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('sent', 'refused', 'bounced')),
  detail TEXT NOT NULL DEFAULT '',  -- what the other side said
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (message_id)
);
CREATE INDEX mail_message_order ON mail_message (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX mail_message_recipient ON mail_message (recipient);

-- Credentials of a conference's own Pretalx.

ALTER TABLE conference ADD COLUMN pretalx_token TEXT NULL;  -- sealed
ALTER TABLE conference ADD COLUMN pretalx_base_url TEXT NOT NULL DEFAULT '';

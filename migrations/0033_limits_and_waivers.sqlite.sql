-- What a lowered limit, or a change of what it counts, left in use over it: sold + held <= capacity + over_limit. Set by
-- the write that changes the limit, less with everything that comes back. Of rows of before nobody can tell; they pass.
ALTER TABLE stock ADD COLUMN over_limit BIGINT NOT NULL DEFAULT 0 CHECK (over_limit >= 0);
UPDATE stock SET over_limit = sold + held - capacity WHERE sold + held > capacity;

-- What may be spent, what was, and what is set aside; and what calls waited and were expected to be.
-- Money is whole nano-dollars. All amounts are below 2^63.

CREATE TABLE accounts (
  payer TEXT NOT NULL,              -- tenant, key, user, alias, task
  name TEXT NOT NULL,
  window TEXT NOT NULL,             -- minute, hour, day, month, total
  starts INTEGER NOT NULL,          -- milliseconds since 1970; 0 for total
  spent_money INTEGER NOT NULL,
  spent_tokens INTEGER NOT NULL,
  spent_calls INTEGER NOT NULL,
  held_money INTEGER NOT NULL,      -- the sum of what is set aside in reservations
  held_tokens INTEGER NOT NULL,
  held_calls INTEGER NOT NULL,
  PRIMARY KEY (payer, name, window, starts)
) WITHOUT ROWID;
CREATE INDEX accounts_by_age ON accounts (window, starts);

CREATE TABLE reservations (
  id TEXT PRIMARY KEY,
  accounts TEXT NOT NULL,           -- JSON array of keys of accounts; each has all of it set aside
  money INTEGER NOT NULL,
  tokens INTEGER NOT NULL,
  calls INTEGER NOT NULL,
  until INTEGER NOT NULL            -- milliseconds since 1970
) WITHOUT ROWID;
CREATE INDEX reservations_by_end ON reservations (until);

ALTER TABLE decisions ADD COLUMN waited INTEGER NOT NULL DEFAULT 0;         -- for a place, in microseconds
ALTER TABLE attempts ADD COLUMN expected_input INTEGER NOT NULL DEFAULT 0;  -- tokens, estimated before it was sent
ALTER TABLE attempts ADD COLUMN cache_written_1h INTEGER NOT NULL DEFAULT 0; -- part of cache_written that is kept for an hour
ALTER TABLE attempts ADD COLUMN service TEXT NOT NULL DEFAULT '';           -- the service tier that it was served in

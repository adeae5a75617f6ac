-- What may be spent, what was, and what is set aside. All amounts are below 2^63.

CREATE TABLE accounts (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,  -- the order in which they are locked
  payer TEXT NOT NULL,              -- tenant, key, user, alias, task
  name TEXT NOT NULL,
  span TEXT NOT NULL,               -- minute, hour, day, month, total
  starts BIGINT NOT NULL,           -- milliseconds since 1970; 0 for total
  spent_money BIGINT NOT NULL DEFAULT 0,
  spent_tokens BIGINT NOT NULL DEFAULT 0,
  spent_calls BIGINT NOT NULL DEFAULT 0,
  held_money BIGINT NOT NULL DEFAULT 0,      -- the sum of what is set aside in reservations
  held_tokens BIGINT NOT NULL DEFAULT 0,
  held_calls BIGINT NOT NULL DEFAULT 0
) WITH (fillfactor = 50);           -- room beside a row for its next version
CREATE UNIQUE INDEX accounts_by_name ON accounts (payer, name, span, starts);
CREATE INDEX accounts_by_age ON accounts (span, starts);

CREATE TABLE reservations (
  id TEXT PRIMARY KEY,
  accounts BIGINT[] NOT NULL,       -- rows of accounts; each has all of it set aside
  money BIGINT NOT NULL,
  tokens BIGINT NOT NULL,
  calls BIGINT NOT NULL,
  until BIGINT NOT NULL             -- milliseconds since 1970
);
CREATE INDEX reservations_by_end ON reservations (until);

-- Keys that were made while the gateway ran: one row for each revision, none is ever changed.

CREATE TABLE keys (
  number BIGINT PRIMARY KEY,        -- counts all changes to all keys
  id TEXT NOT NULL,                 -- of the key
  revision INTEGER NOT NULL,        -- the newest of a key is in force
  at BIGINT NOT NULL,               -- when it was made: milliseconds since 1970
  by TEXT NOT NULL,                 -- id of the key that made it; empty for somebody at the machine itself
  deed TEXT NOT NULL,               -- what was done, in one word
  document BYTEA NOT NULL,          -- JSON: the rights, and the digests of the secrets
  UNIQUE (id, revision)
);

CREATE TABLE key_digests (
  digest TEXT PRIMARY KEY,          -- SHA-256 of a secret, hexadecimal
  id TEXT NOT NULL                  -- of the key that it is, or was, a secret of
);

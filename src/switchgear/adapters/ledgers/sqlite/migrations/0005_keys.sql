-- Keys that were made while the gateway ran: one row for each revision, none is ever changed.

CREATE TABLE keys (
  number INTEGER PRIMARY KEY, -- Counts all changes to all keys.
  id TEXT NOT NULL, -- Of the key.
  revision INTEGER NOT NULL, -- The newest of a key is in force.
  at INTEGER NOT NULL, -- When it was made: milliseconds since 1970.
  by TEXT NOT NULL, -- Id of the key that made it; empty for somebody at the machine itself.
  deed TEXT NOT NULL, -- What was done, in one word.
  document BLOB NOT NULL, -- JSON: the rights, and the digests of the secrets.
  UNIQUE (id, revision)
);

CREATE TABLE key_digests (
  digest TEXT PRIMARY KEY, -- SHA-256 of a secret, hexadecimal.
  id TEXT NOT NULL -- Of the key that it is, or was, a secret of.
) WITHOUT ROWID;

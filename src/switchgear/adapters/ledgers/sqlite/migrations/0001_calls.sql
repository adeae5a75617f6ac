-- One row a call in decisions, one row a try in attempts. What many rows share is kept once.
-- Money is whole nano-dollars, spans are whole microseconds, `at` is milliseconds since 1970.

CREATE TABLE policies (
  number INTEGER PRIMARY KEY,
  version TEXT NOT NULL UNIQUE,
  targets TEXT NOT NULL,            -- JSON array of target ids, in the policy's order
  document BLOB                     -- NULL until the policy itself is kept
);

CREATE TABLE situations (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  document BLOB NOT NULL            -- deflated JSON
);

CREATE TABLE decisions (
  number INTEGER PRIMARY KEY,       -- grows with each commit
  id TEXT NOT NULL,
  at INTEGER NOT NULL,
  dialect TEXT NOT NULL,
  stream INTEGER NOT NULL,
  mode TEXT NOT NULL,
  model TEXT NOT NULL,
  key TEXT NOT NULL,
  tenant TEXT NOT NULL,
  task TEXT NOT NULL,
  agent TEXT NOT NULL,
  ending TEXT NOT NULL,
  code TEXT NOT NULL,
  status INTEGER NOT NULL,
  target TEXT NOT NULL,             -- who answered
  cost INTEGER NOT NULL,            -- of all attempts, as are the tokens
  baseline INTEGER,
  input INTEGER NOT NULL,
  cached INTEGER NOT NULL,
  output INTEGER NOT NULL,
  first_content INTEGER,
  took INTEGER NOT NULL,
  own INTEGER,
  digest TEXT NOT NULL,
  policy INTEGER REFERENCES policies,
  situation INTEGER REFERENCES situations,
  rule TEXT,
  strategy TEXT,
  tier INTEGER,                     -- 0 tool, 1 small, 2 mid, 3 frontier
  complexity REAL,
  relaxed TEXT,                     -- limits, separated by commas
  sticky INTEGER,
  plan TEXT,                        -- JSON array of places in the policy's targets
  verdicts TEXT,                    -- one letter a target, in the policy's order
  why TEXT,
  ask BLOB                          -- MessagePack; what the columns say is not said again
);
CREATE UNIQUE INDEX decisions_by_id ON decisions (id);
CREATE INDEX decisions_by_time ON decisions (at);

CREATE TABLE attempts (
  decision INTEGER NOT NULL REFERENCES decisions,
  number INTEGER NOT NULL,          -- from 0
  target TEXT NOT NULL,
  model TEXT NOT NULL,
  code TEXT NOT NULL,
  status INTEGER NOT NULL,
  sent TEXT NOT NULL,
  began INTEGER NOT NULL,           -- after the call's arrival
  first_content INTEGER,            -- after `began`, as is `took`
  took INTEGER NOT NULL,
  input INTEGER,                    -- NULL, as the other tokens, where nobody told
  cached INTEGER,
  cache_written INTEGER,
  output INTEGER,
  reasoning INTEGER,
  estimated INTEGER NOT NULL,
  cost INTEGER NOT NULL,
  stop TEXT,
  dropped TEXT NOT NULL,            -- JSON array; empty where nothing was
  note TEXT NOT NULL,
  PRIMARY KEY (decision, number)
) WITHOUT ROWID;

CREATE TABLE bodies (
  decision INTEGER PRIMARY KEY REFERENCES decisions,
  request BLOB NOT NULL
);

CREATE VIEW calls AS
SELECT
  d.id, datetime(d.at / 1000, 'unixepoch') AS date, d.ending, d.status, d.code, d.model, d.target,
  d.tenant, d.key, d.task, d.agent, d.cost / 1e9 AS cost_usd, d.baseline / 1e9 AS baseline_usd,
  d.input, d.cached, d.output, d.first_content / 1e3 AS first_content_ms, d.took / 1e3 AS took_ms,
  d.own / 1e3 AS own_ms, d.rule, d.strategy, d.tier, d.complexity, d.dialect, d.stream, d.mode,
  p.version AS policy, d.why
FROM decisions AS d LEFT JOIN policies AS p ON p.number = d.policy;

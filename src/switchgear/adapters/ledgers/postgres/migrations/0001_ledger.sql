-- One row a call in decisions, one row a try in attempts. What many rows share is kept once.
-- Money is whole nano-dollars, spans are whole microseconds, `at` is milliseconds since 1970.

CREATE TABLE policies (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  version TEXT NOT NULL UNIQUE,
  targets TEXT NOT NULL,            -- JSON array of target ids, in the policy's order
  document BYTEA                    -- NULL until the policy itself is kept
);

CREATE TABLE situations (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  document BYTEA NOT NULL,          -- deflated JSON
  seen BIGINT NOT NULL              -- when a process last said that its rows may refer to it
);

-- Each process takes this many numbers at a time.
CREATE SEQUENCE decision_numbers INCREMENT 1024;

CREATE TABLE decisions (
  number BIGINT PRIMARY KEY,        -- grows with each row of one process
  id TEXT NOT NULL,
  at BIGINT NOT NULL,
  dialect TEXT NOT NULL,
  stream SMALLINT NOT NULL,
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
  cost BIGINT NOT NULL,             -- of all attempts, as are the tokens
  baseline BIGINT,
  input BIGINT NOT NULL,
  cached BIGINT NOT NULL,
  output BIGINT NOT NULL,
  first_content BIGINT,
  took BIGINT NOT NULL,
  own BIGINT,
  digest TEXT NOT NULL,
  policy BIGINT,                    -- a row of policies
  situation BIGINT,                 -- a row of situations
  rule TEXT,
  strategy TEXT,
  tier SMALLINT,                    -- 0 tool, 1 small, 2 mid, 3 frontier
  complexity DOUBLE PRECISION,
  relaxed TEXT,                     -- limits, separated by commas
  sticky SMALLINT,
  plan TEXT,                        -- JSON array of places in the policy's targets
  verdicts TEXT,                    -- one letter a target, in the policy's order
  named BYTEA,                      -- plan and verdicts where they are not in that order
  why TEXT,
  ask BYTEA,                        -- MessagePack; what the columns say is not said again
  skipped TEXT NOT NULL,            -- targets passed over, separated by blanks
  replayed TEXT NOT NULL,           -- the id whose answer this got
  endpoint TEXT NOT NULL,           -- what was wanted
  bytes_in BIGINT NOT NULL,         -- of what is passed through: the request's body
  bytes_out BIGINT NOT NULL,        -- and the answer's
  waited BIGINT NOT NULL            -- for a place
);
CREATE UNIQUE INDEX decisions_by_id ON decisions (id);
CREATE INDEX decisions_by_time ON decisions (at, number);

CREATE TABLE attempts (
  decision BIGINT NOT NULL,         -- a row of decisions
  number INTEGER NOT NULL,          -- from 0
  target TEXT NOT NULL,
  model TEXT NOT NULL,
  code TEXT NOT NULL,
  status INTEGER NOT NULL,
  sent TEXT NOT NULL,
  began BIGINT NOT NULL,            -- after the call's arrival
  first_content BIGINT,             -- after `began`, as is `took`
  took BIGINT NOT NULL,
  input BIGINT,                     -- NULL, as the other tokens, where nobody told
  cached BIGINT,
  cache_written BIGINT,
  output BIGINT,
  reasoning BIGINT,
  estimated SMALLINT NOT NULL,
  cost BIGINT NOT NULL,
  stop TEXT,
  dropped TEXT NOT NULL,            -- JSON array; empty where nothing was
  note TEXT NOT NULL,
  role TEXT NOT NULL,
  broken INTEGER NOT NULL,          -- events that could not be read
  flaw TEXT NOT NULL,               -- why the answer was of no use
  expected_input BIGINT NOT NULL,   -- tokens, estimated before it was sent
  cache_written_1h BIGINT NOT NULL, -- part of cache_written that is kept for an hour
  service TEXT NOT NULL,            -- the service tier that it was served in
  PRIMARY KEY (decision, number)
);

CREATE TABLE bodies (
  decision BIGINT PRIMARY KEY,      -- a row of decisions
  request BYTEA NOT NULL
);

CREATE VIEW calls AS
SELECT
  d.id, to_timestamp(d.at / 1000.0) AS date, d.ending, d.status, d.code, d.model, d.target,
  d.tenant, d.key, d.task, d.agent, d.cost / 1e9 AS cost_usd, d.baseline / 1e9 AS baseline_usd,
  d.input, d.cached, d.output, d.first_content / 1e3 AS first_content_ms, d.took / 1e3 AS took_ms,
  d.own / 1e3 AS own_ms, d.rule, d.strategy, d.tier, d.complexity, d.dialect, d.stream, d.mode,
  p.version AS policy, d.why
FROM decisions AS d LEFT JOIN policies AS p ON p.number = d.policy;

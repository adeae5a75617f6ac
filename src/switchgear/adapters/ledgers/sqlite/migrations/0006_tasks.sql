-- Which task a call belongs to, and what was done for it. `task` is the task's id from now on; in
-- older rows it is what the caller called it.

ALTER TABLE decisions ADD COLUMN task_name TEXT NOT NULL DEFAULT '';     -- what the caller calls the task
ALTER TABLE decisions ADD COLUMN task_source TEXT NOT NULL DEFAULT '';   -- what told which task it is: a header, a field, or what it was inferred from
ALTER TABLE decisions ADD COLUMN task_confidence REAL NOT NULL DEFAULT 0; -- 0 to 1
ALTER TABLE decisions ADD COLUMN parent_task TEXT NOT NULL DEFAULT '';   -- id of the task that its task is part of
ALTER TABLE decisions ADD COLUMN step INTEGER NOT NULL DEFAULT 0;        -- which call of its task it is, from 1
ALTER TABLE decisions ADD COLUMN rung TEXT NOT NULL DEFAULT '';          -- what was done about a loop
ALTER TABLE decisions ADD COLUMN signals TEXT NOT NULL DEFAULT '';       -- codes of what was seen of that, separated by blanks
ALTER TABLE decisions ADD COLUMN evidence TEXT NOT NULL DEFAULT '';      -- the same for people; never content
ALTER TABLE decisions ADD COLUMN given TEXT NOT NULL DEFAULT '';         -- JSON array of entries of its task's context that were put in, each with its revision
ALTER TABLE decisions ADD COLUMN handoff TEXT NOT NULL DEFAULT '';       -- id of the hand-off whose package was put in
CREATE INDEX decisions_by_task ON decisions (task, at) WHERE task <> '';

DROP VIEW calls;
CREATE VIEW calls AS
SELECT
  d.id, datetime(d.at / 1000, 'unixepoch') AS date, d.ending, d.status, d.code, d.model, d.target,
  d.tenant, d.key, d.task, d.agent, d.cost / 1e9 AS cost_usd, d.baseline / 1e9 AS baseline_usd,
  d.input, d.cached, d.output, d.first_content / 1e3 AS first_content_ms, d.took / 1e3 AS took_ms,
  d.own / 1e3 AS own_ms, d.rule, d.strategy, d.tier, d.complexity, d.dialect, d.stream, d.mode,
  p.version AS policy, d.why, d.task_name, d.task_source, d.task_confidence, d.parent_task, d.step,
  d.rung, d.signals, d.evidence
FROM decisions AS d LEFT JOIN policies AS p ON p.number = d.policy;

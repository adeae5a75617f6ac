-- What was learnt, as far as a decision was made from it; and what chance had to do with it.

ALTER TABLE decisions ADD COLUMN odds BYTEA;                             -- msgpack: version of what was learnt, chance of each target, bars of promises, what exploring may cost; null for none
ALTER TABLE decisions ADD COLUMN left_out TEXT NOT NULL DEFAULT '';      -- our own stages that would have cost more than they save, separated by blanks
ALTER TABLE decisions ADD COLUMN propensity DOUBLE PRECISION;            -- how probable it was that the first of the plan would be it, over all draws; null in older rows
ALTER TABLE decisions ADD COLUMN explored BIGINT;                        -- 1 if the first was tried in order to learn of it

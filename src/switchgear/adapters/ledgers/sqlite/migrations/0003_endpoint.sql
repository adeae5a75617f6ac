-- What a call wanted, and how much of what is passed through went each way.

ALTER TABLE decisions ADD COLUMN endpoint TEXT NOT NULL DEFAULT 'answer';  -- what was wanted: an answer, a count, vectors, or what is passed through
ALTER TABLE decisions ADD COLUMN bytes_in INTEGER NOT NULL DEFAULT 0;      -- of what is passed through: the request's body
ALTER TABLE decisions ADD COLUMN bytes_out INTEGER NOT NULL DEFAULT 0;     -- and the answer's

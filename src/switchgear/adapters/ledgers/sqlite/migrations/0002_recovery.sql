-- Why each attempt was made or not, what was wrong with its answer, and who got an earlier answer.

ALTER TABLE attempts ADD COLUMN role TEXT NOT NULL DEFAULT 'first';
ALTER TABLE attempts ADD COLUMN broken INTEGER NOT NULL DEFAULT 0;   -- events that could not be read
ALTER TABLE attempts ADD COLUMN flaw TEXT NOT NULL DEFAULT '';       -- why the answer was of no use
ALTER TABLE decisions ADD COLUMN skipped TEXT NOT NULL DEFAULT '';   -- targets passed over, separated by blanks
ALTER TABLE decisions ADD COLUMN replayed TEXT NOT NULL DEFAULT '';  -- the id whose answer this got

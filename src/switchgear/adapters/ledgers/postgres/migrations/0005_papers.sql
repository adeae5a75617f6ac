-- Tasks, and what belongs to them: contexts, hand-offs, tickets. Each is a document with revisions.

CREATE TABLE papers (
  kind TEXT NOT NULL,               -- what it is: task, context, handoff or ticket
  id TEXT COLLATE "C" NOT NULL,     -- of the document, unique in its kind
  number BIGINT NOT NULL,           -- of its last change: counts all changes to all documents
  owner TEXT NOT NULL,              -- id of the key whose it is; empty on an open server
  tenant TEXT NOT NULL,             -- of that key; empty for none
  task TEXT NOT NULL,               -- id of the task that it belongs to; of a task, its parent's; empty for none
  state TEXT NOT NULL,              -- by which it is looked for, such as running or open
  due BIGINT,                       -- when something has to be done about it: milliseconds since 1970
  made BIGINT NOT NULL,             -- when it was made: milliseconds since 1970
  revision BIGINT NOT NULL,         -- counts its changes
  body BYTEA NOT NULL,              -- JSON
  PRIMARY KEY (kind, id)
);

CREATE UNIQUE INDEX papers_by_number ON papers (number);
CREATE INDEX papers_by_age ON papers (kind, made, id);
CREATE INDEX papers_by_owner ON papers (kind, owner, made);
CREATE INDEX papers_by_task ON papers (kind, task, made) WHERE task <> '';
CREATE INDEX papers_by_due ON papers (kind, state, due) WHERE due IS NOT NULL;

CREATE TABLE paper_notes (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,  -- in the order in which they were written
  kind TEXT NOT NULL,               -- of the document
  id TEXT NOT NULL,                 -- likewise
  note TEXT NOT NULL,               -- of what was done, unique within the document
  at BIGINT NOT NULL,               -- when: milliseconds since 1970
  revision BIGINT NOT NULL,         -- of the document, that it led to
  body BYTEA NOT NULL,              -- JSON
  UNIQUE (kind, id, note)
);

CREATE INDEX paper_notes_by_revision ON paper_notes (kind, id, revision);

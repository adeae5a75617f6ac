-- Tasks, and what belongs to them: contexts, hand-offs, tickets. Each is a document with revisions.

CREATE TABLE papers (
  kind TEXT NOT NULL, -- What it is: task, context, handoff or ticket.
  id TEXT NOT NULL, -- Of the document, unique in its kind.
  number INTEGER NOT NULL, -- Of its last change: counts all changes to all documents.
  owner TEXT NOT NULL, -- Id of the key whose it is; empty on an open server.
  tenant TEXT NOT NULL, -- Of that key; empty for none.
  task TEXT NOT NULL, -- Id of the task that it belongs to; of a task, its parent's; empty for none.
  state TEXT NOT NULL, -- By which it is looked for, such as running or open.
  due INTEGER, -- When something has to be done about it: milliseconds since 1970.
  made INTEGER NOT NULL, -- When it was made: milliseconds since 1970.
  revision INTEGER NOT NULL, -- Counts its changes.
  body BLOB NOT NULL, -- JSON.
  PRIMARY KEY (kind, id)
) WITHOUT ROWID;

CREATE UNIQUE INDEX papers_by_number ON papers (number);
CREATE INDEX papers_by_age ON papers (kind, made, id);
CREATE INDEX papers_by_owner ON papers (kind, owner, made);
CREATE INDEX papers_by_task ON papers (kind, task, made) WHERE task <> '';
CREATE INDEX papers_by_due ON papers (kind, state, due) WHERE due IS NOT NULL;

CREATE TABLE paper_notes (
  number INTEGER PRIMARY KEY, -- In the order in which they were written.
  kind TEXT NOT NULL, -- Of the document.
  id TEXT NOT NULL, -- Likewise.
  note TEXT NOT NULL, -- Of what was done, unique within the document.
  at INTEGER NOT NULL, -- When: milliseconds since 1970.
  revision INTEGER NOT NULL, -- Of the document, that it led to.
  body BLOB NOT NULL, -- JSON.
  UNIQUE (kind, id, note)
);

CREATE INDEX paper_notes_by_revision ON paper_notes (kind, id, revision);

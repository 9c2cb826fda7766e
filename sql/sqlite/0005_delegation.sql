-- A delegated session names its parent; depth counts the sessions from the root, which auth opened, to this one.
ALTER TABLE sessions ADD COLUMN parent_session_id TEXT;
ALTER TABLE sessions ADD COLUMN depth INTEGER NOT NULL DEFAULT 1;

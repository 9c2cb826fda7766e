-- A delegated session names its parent; depth counts the sessions from the root, which auth opened, to this one.
ALTER TABLE sessions ADD COLUMN parent_session_id text;
ALTER TABLE sessions ADD COLUMN depth bigint NOT NULL DEFAULT 1;

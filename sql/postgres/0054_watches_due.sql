-- From when on a driver has something to do in a dialogue, so that those which wait for people are not read. 0: it is not known, and a driver looks.
ALTER TABLE watches ADD COLUMN due_at bigint NOT NULL DEFAULT 0;
UPDATE watches SET due_at = 9223372036854775807 WHERE state IN ('paused', 'ended');
DROP INDEX watches_by_state;
CREATE INDEX watches_due ON watches (tenant, due_at, watch_id);

-- When a disabled service is enabled again by itself. Those that were disabled before have no such time: their alarm is due.
ALTER TABLE services ADD COLUMN retry_at INTEGER;
INSERT INTO due (stream, at) SELECT stream, 0 FROM services WHERE disabled = 1 ON CONFLICT (stream) DO NOTHING;

-- Whether a run waits because its session's budget has no room for it: a yes raises that. Absent in rows of earlier releases.
ALTER TABLE approvals ADD COLUMN beyond_budget INTEGER;

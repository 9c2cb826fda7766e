-- Whether a run waits because its session's budget has no room for it: a yes raises that.
ALTER TABLE approvals ADD COLUMN beyond_budget bigint NOT NULL DEFAULT 0;

-- Runs for which a metered service asked more than was held.
ALTER TABLE services ADD COLUMN overcharges bigint NOT NULL DEFAULT 0;

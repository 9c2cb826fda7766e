-- Runs for which a metered service asked more than was held.
ALTER TABLE services ADD COLUMN overcharges INTEGER NOT NULL DEFAULT 0;

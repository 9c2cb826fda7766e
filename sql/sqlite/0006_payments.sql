-- Who paid a run, by the fund's id, and what of the amount the platform kept.
ALTER TABLE runs ADD COLUMN payer_id TEXT;
ALTER TABLE runs ADD COLUMN fee_micros INTEGER NOT NULL DEFAULT 0;
UPDATE runs SET payer_id = campaign_id WHERE campaign_id IS NOT NULL;

-- What a campaign held last and could not hold again. Of campaigns that were exhausted before, only a rebuild knows.
ALTER TABLE campaigns ADD COLUMN short_micros bigint;

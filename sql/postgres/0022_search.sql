-- What a search finds things by, and lists by their payer, their source and one amount: each in the order in which it is read. On a large database those of
-- runs can be made beforehand, beside the release before, CONCURRENTLY, under these names.

-- In the order in which appends write them, so that nobody waits in a circle.
LOCK TABLE client_keys, agents, refunds, runs IN ACCESS EXCLUSIVE MODE;

-- By the key first, then by whose it is: whoever has a key need not know who sent it. Keys are written as often as before, and found alike by both.
CREATE UNIQUE INDEX client_keys_by_key ON client_keys (tenant, key, credential);
ALTER TABLE client_keys DROP CONSTRAINT client_keys_pkey;
ALTER TABLE client_keys ADD CONSTRAINT client_keys_pkey PRIMARY KEY USING INDEX client_keys_by_key;

CREATE INDEX IF NOT EXISTS runs_tx ON runs (tenant, tx_hash) WHERE tx_hash IS NOT NULL;
CREATE INDEX IF NOT EXISTS runs_payer ON runs (tenant, payer, settled_at) WHERE payer IS NOT NULL;
CREATE INDEX IF NOT EXISTS runs_source ON runs (tenant, source, settled_at) WHERE source IS NOT NULL;
CREATE INDEX IF NOT EXISTS runs_amount ON runs (tenant, amount_micros, settled_at);
CREATE INDEX agents_owner ON agents (tenant, owner) WHERE owner IS NOT NULL;
CREATE INDEX refunds_id ON refunds (tenant, refund_id);

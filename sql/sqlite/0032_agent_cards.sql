-- What agents say of themselves, under keys of their own.
CREATE TABLE agent_cards (
  tenant TEXT NOT NULL, agent_id TEXT NOT NULL,
  genesis TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, card TEXT NOT NULL, rotations TEXT NOT NULL, hash TEXT NOT NULL, revocation TEXT,
  lease_until INTEGER, lease_seconds INTEGER NOT NULL, registered_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, agent_id));
CREATE INDEX agent_cards_order ON agent_cards (updated_at, agent_id, tenant);
CREATE INDEX agent_cards_updated ON agent_cards (tenant, updated_at);

-- What agents say of themselves, under keys of their own.
CREATE TABLE agent_cards (
  tenant text COLLATE "C" NOT NULL, agent_id text COLLATE "C" NOT NULL,
  genesis text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, version bigint NOT NULL, card text COLLATE "C" NOT NULL, rotations text COLLATE "C" NOT NULL, hash text COLLATE "C" NOT NULL, revocation text COLLATE "C",
  lease_until bigint, lease_seconds bigint NOT NULL, registered_at bigint NOT NULL, updated_at bigint NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, agent_id)) WITH (fillfactor = 80);
CREATE INDEX agent_cards_order ON agent_cards (updated_at, agent_id, tenant);
CREATE INDEX agent_cards_updated ON agent_cards (tenant, updated_at);

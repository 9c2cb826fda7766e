-- Dialogues of models that people watch: what is said in them stands in the journal; here, which there are, and which have somebody to drive them.
CREATE TABLE watches (
  tenant text COLLATE "C" NOT NULL, watch_id text COLLATE "C" NOT NULL,
  user_id text COLLATE "C" NOT NULL, agent text COLLATE "C" NOT NULL, state text COLLATE "C" NOT NULL, turn bigint NOT NULL, updated_at bigint NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, watch_id)) WITH (fillfactor = 80);
CREATE INDEX watches_of_user ON watches (tenant, user_id, agent, updated_at, watch_id);
CREATE INDEX watches_by_state ON watches (tenant, state, updated_at, watch_id);

-- Dialogues of models that people watch: what is said in them stands in the journal; here, which there are, and which have somebody to drive them.
CREATE TABLE watches (
  tenant TEXT NOT NULL, watch_id TEXT NOT NULL,
  user_id TEXT NOT NULL, agent TEXT NOT NULL, state TEXT NOT NULL, turn INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, watch_id));
CREATE INDEX watches_of_user ON watches (tenant, user_id, agent, updated_at, watch_id);
CREATE INDEX watches_by_state ON watches (tenant, state, updated_at, watch_id);

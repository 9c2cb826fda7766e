-- On which side each session of an older chat is, by a hash of its id.
CREATE TABLE moves (
  tenant TEXT NOT NULL, session TEXT NOT NULL, user_id TEXT NOT NULL, agent TEXT NOT NULL,
  side TEXT NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, session, user_id, agent));

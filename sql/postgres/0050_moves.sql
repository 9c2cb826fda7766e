-- On which side each session of an older chat is, by a hash of its id.
CREATE TABLE moves (
  tenant text COLLATE "C" NOT NULL, session text COLLATE "C" NOT NULL, user_id text COLLATE "C" NOT NULL, agent text COLLATE "C" NOT NULL,
  side text COLLATE "C" NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, session, user_id, agent)) WITH (fillfactor = 80);

-- Chats with models, by whose they are. What was said stands in the journal alone.
CREATE TABLE chats (
  tenant text COLLATE "C" NOT NULL, user_id text COLLATE "C" NOT NULL, chat_id text COLLATE "C" NOT NULL,
  agent_id text COLLATE "C" NOT NULL, turns bigint NOT NULL, state text COLLATE "C" NOT NULL, created_at bigint NOT NULL, updated_at bigint NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, user_id, chat_id)) WITH (fillfactor = 80);
CREATE INDEX chats_newest ON chats (tenant, user_id, agent_id, state, updated_at, chat_id);

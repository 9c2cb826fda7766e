-- Chats with models, by whose they are. What was said stands in the journal alone.
CREATE TABLE chats (
  tenant TEXT NOT NULL, user_id TEXT NOT NULL, chat_id TEXT NOT NULL,
  agent_id TEXT NOT NULL, turns INTEGER NOT NULL, state TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, user_id, chat_id));
CREATE INDEX chats_newest ON chats (tenant, user_id, agent_id, state, updated_at, chat_id);

-- What agents say to each other stands in the journal; here, which conversations there are, and who is in which.
CREATE TABLE conversations (
  tenant TEXT NOT NULL, conversation_id TEXT NOT NULL,
  owner TEXT NOT NULL, open INTEGER NOT NULL, members INTEGER NOT NULL, state TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, conversation_id));
CREATE INDEX conversations_newest ON conversations (tenant, created_at, conversation_id);
CREATE TABLE conversation_members (
  tenant TEXT NOT NULL, agent_id TEXT NOT NULL, conversation_id TEXT NOT NULL,
  standing TEXT NOT NULL, invited INTEGER NOT NULL, from_number INTEGER NOT NULL, until_number INTEGER, updated_at INTEGER NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, agent_id, conversation_id));
CREATE INDEX conversation_members_newest ON conversation_members (tenant, agent_id, updated_at, conversation_id);

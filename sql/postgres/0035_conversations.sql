-- What agents say to each other stands in the journal; here, which conversations there are, and who is in which.
CREATE TABLE conversations (
  tenant text COLLATE "C" NOT NULL, conversation_id text COLLATE "C" NOT NULL,
  owner text COLLATE "C" NOT NULL, open bigint NOT NULL, members bigint NOT NULL, state text COLLATE "C" NOT NULL, created_at bigint NOT NULL, updated_at bigint NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, conversation_id)) WITH (fillfactor = 80);
CREATE INDEX conversations_newest ON conversations (tenant, created_at, conversation_id);
CREATE TABLE conversation_members (
  tenant text COLLATE "C" NOT NULL, agent_id text COLLATE "C" NOT NULL, conversation_id text COLLATE "C" NOT NULL,
  standing text COLLATE "C" NOT NULL, invited bigint NOT NULL, from_number bigint NOT NULL, until_number bigint, updated_at bigint NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, agent_id, conversation_id)) WITH (fillfactor = 80);
CREATE INDEX conversation_members_newest ON conversation_members (tenant, agent_id, updated_at, conversation_id);

-- A row for each completion that a reward was ever held for, and one for each agent that something has happened to.
CREATE TABLE rewards (
  tenant text COLLATE "C" NOT NULL, completion_id text COLLATE "C" NOT NULL, campaign_id text COLLATE "C" NOT NULL, user_id text COLLATE "C" NOT NULL, agent_id text COLLATE "C" NOT NULL,
  amount_micros bigint NOT NULL, state text COLLATE "C" NOT NULL, pays_at bigint, reason text COLLATE "C", updated_at bigint NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, completion_id)) WITH (fillfactor = 80);
CREATE INDEX rewards_campaign ON rewards (tenant, campaign_id, completion_id);

CREATE TABLE agents (
  tenant text COLLATE "C" NOT NULL, agent_id text COLLATE "C" NOT NULL, owner text COLLATE "C", updated_at bigint NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, agent_id)) WITH (fillfactor = 80);

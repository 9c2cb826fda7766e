-- A row for each completion that a reward was ever held for, and one for each agent that something has happened to.
CREATE TABLE rewards (
  tenant TEXT NOT NULL, completion_id TEXT NOT NULL, campaign_id TEXT NOT NULL, user_id TEXT NOT NULL, agent_id TEXT NOT NULL,
  amount_micros INTEGER NOT NULL, state TEXT NOT NULL, pays_at INTEGER, reason TEXT, updated_at INTEGER NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, completion_id));
CREATE INDEX rewards_campaign ON rewards (tenant, campaign_id, completion_id);

CREATE TABLE agents (
  tenant TEXT NOT NULL, agent_id TEXT NOT NULL, owner TEXT, updated_at INTEGER NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, agent_id));

-- Scenarios that are practised, as of their newest version; plays of them by whose they are, and what each play reached of each criterion. What was said, and why it was scored so, stands in the journal alone.
CREATE TABLE scenarios (
  tenant text COLLATE "C" NOT NULL, scenario_id text COLLATE "C" NOT NULL,
  title text COLLATE "C" NOT NULL, language text COLLATE "C" NOT NULL, version bigint NOT NULL, retired bigint NOT NULL, updated_at bigint NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, scenario_id)) WITH (fillfactor = 80);
CREATE INDEX scenarios_played ON scenarios (tenant, retired, scenario_id);
CREATE TABLE plays (
  tenant text COLLATE "C" NOT NULL, user_id text COLLATE "C" NOT NULL, play_id text COLLATE "C" NOT NULL,
  agent_id text COLLATE "C" NOT NULL, scenario_id text COLLATE "C", version bigint, turns bigint NOT NULL, state text COLLATE "C" NOT NULL, deleted bigint NOT NULL, percent bigint, created_at bigint NOT NULL, updated_at bigint NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, user_id, play_id)) WITH (fillfactor = 80);
CREATE INDEX plays_newest ON plays (tenant, user_id, agent_id, deleted, created_at, play_id);
CREATE TABLE play_scores (
  tenant text COLLATE "C" NOT NULL, user_id text COLLATE "C" NOT NULL, play_id text COLLATE "C" NOT NULL, criterion_id text COLLATE "C" NOT NULL,
  agent_id text COLLATE "C" NOT NULL, scenario_id text COLLATE "C" NOT NULL, version bigint NOT NULL, percent bigint NOT NULL, state text COLLATE "C" NOT NULL, scored_at bigint NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, user_id, play_id, criterion_id)) WITH (fillfactor = 80);
CREATE INDEX play_scores_newest ON play_scores (tenant, user_id, agent_id, state, scored_at, play_id, criterion_id);
CREATE INDEX play_scores_of_scenario ON play_scores (tenant, user_id, agent_id, state, scenario_id, scored_at, play_id, criterion_id);

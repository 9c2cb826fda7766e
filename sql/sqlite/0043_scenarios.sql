-- Scenarios that are practised, as of their newest version; plays of them by whose they are, and what each play reached of each criterion. What was said, and why it was scored so, stands in the journal alone.
CREATE TABLE scenarios (
  tenant TEXT NOT NULL, scenario_id TEXT NOT NULL,
  title TEXT NOT NULL, language TEXT NOT NULL, version INTEGER NOT NULL, retired INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, scenario_id));
CREATE INDEX scenarios_played ON scenarios (tenant, retired, scenario_id);
CREATE TABLE plays (
  tenant TEXT NOT NULL, user_id TEXT NOT NULL, play_id TEXT NOT NULL,
  agent_id TEXT NOT NULL, scenario_id TEXT, version INTEGER, turns INTEGER NOT NULL, state TEXT NOT NULL, deleted INTEGER NOT NULL, percent INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, user_id, play_id));
CREATE INDEX plays_newest ON plays (tenant, user_id, agent_id, deleted, created_at, play_id);
CREATE TABLE play_scores (
  tenant TEXT NOT NULL, user_id TEXT NOT NULL, play_id TEXT NOT NULL, criterion_id TEXT NOT NULL,
  agent_id TEXT NOT NULL, scenario_id TEXT NOT NULL, version INTEGER NOT NULL, percent INTEGER NOT NULL, state TEXT NOT NULL, scored_at INTEGER NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, user_id, play_id, criterion_id));
CREATE INDEX play_scores_newest ON play_scores (tenant, user_id, agent_id, state, scored_at, play_id, criterion_id);
CREATE INDEX play_scores_of_scenario ON play_scores (tenant, user_id, agent_id, state, scenario_id, scored_at, play_id, criterion_id);

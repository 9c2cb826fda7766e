-- Runs that were refused before they began: by which limit, whose that is, what was asked of it and what it had left. Refusals of before come with a rebuild.
CREATE TABLE refusals (
  tenant TEXT NOT NULL, refusal_id TEXT NOT NULL,
  run_id TEXT, session_id TEXT NOT NULL, user_id TEXT NOT NULL, agent_id TEXT NOT NULL, operation TEXT NOT NULL, service_id TEXT, provider TEXT, campaign_id TEXT,
  code TEXT NOT NULL, limit_name TEXT, node_kind TEXT, node_id TEXT, asked_micros INTEGER, free_micros INTEGER, refused_at INTEGER NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, refusal_id));

-- Their orders, newest first, are kept behind the append, as those of runs are.
CREATE TABLE refusals_index (series INTEGER NOT NULL, at INTEGER NOT NULL, id TEXT NOT NULL, PRIMARY KEY (series, at, id)) WITHOUT ROWID;

CREATE TABLE refusals_pending (
  n INTEGER PRIMARY KEY, sign INTEGER NOT NULL, tenant TEXT NOT NULL, refusal_id TEXT NOT NULL, refused_at INTEGER NOT NULL,
  session_id TEXT NOT NULL, user_id TEXT NOT NULL, agent_id TEXT NOT NULL, campaign_id TEXT, service_id TEXT, code TEXT NOT NULL);

CREATE TRIGGER refusals_inserted AFTER INSERT ON refusals BEGIN
  INSERT INTO refusals_pending (sign, tenant, refusal_id, refused_at, session_id, user_id, agent_id, campaign_id, service_id, code)
  VALUES (1, NEW.tenant, NEW.refusal_id, NEW.refused_at, NEW.session_id, NEW.user_id, NEW.agent_id, NEW.campaign_id, NEW.service_id, NEW.code);
END;

CREATE TRIGGER refusals_deleted AFTER DELETE ON refusals BEGIN
  INSERT INTO refusals_pending (sign, tenant, refusal_id, refused_at, session_id, user_id, agent_id, campaign_id, service_id, code)
  VALUES (-1, OLD.tenant, OLD.refusal_id, OLD.refused_at, OLD.session_id, OLD.user_id, OLD.agent_id, OLD.campaign_id, OLD.service_id, OLD.code);
END;

CREATE TRIGGER refusals_updated AFTER UPDATE ON refusals BEGIN
  INSERT INTO refusals_pending (sign, tenant, refusal_id, refused_at, session_id, user_id, agent_id, campaign_id, service_id, code)
  VALUES (-1, OLD.tenant, OLD.refusal_id, OLD.refused_at, OLD.session_id, OLD.user_id, OLD.agent_id, OLD.campaign_id, OLD.service_id, OLD.code),
    (1, NEW.tenant, NEW.refusal_id, NEW.refused_at, NEW.session_id, NEW.user_id, NEW.agent_id, NEW.campaign_id, NEW.service_id, NEW.code);
END;

-- Orders of the audit, newest first: of all, of a user or agent, of an operation or status. They are kept behind the append, as those of runs are.

-- Places of rows: series is a number that follows from the tenant, a column's name and its value.
CREATE TABLE audit_index (series INTEGER NOT NULL, at INTEGER NOT NULL, id TEXT NOT NULL, PRIMARY KEY (series, at, id)) WITHOUT ROWID;

-- What waits: a row of audit that came (sign 1) or went (-1).
CREATE TABLE audit_pending (
  n INTEGER PRIMARY KEY, sign INTEGER NOT NULL, tenant TEXT NOT NULL, audit_id TEXT NOT NULL, created_at INTEGER NOT NULL,
  user_id TEXT, agent_id TEXT, operation TEXT NOT NULL, response_status INTEGER NOT NULL);

CREATE TRIGGER audit_inserted AFTER INSERT ON audit BEGIN
  INSERT INTO audit_pending (sign, tenant, audit_id, created_at, user_id, agent_id, operation, response_status)
  VALUES (1, NEW.tenant, NEW.audit_id, NEW.created_at, NEW.user_id, NEW.agent_id, NEW.operation, NEW.response_status);
END;

CREATE TRIGGER audit_deleted AFTER DELETE ON audit BEGIN
  INSERT INTO audit_pending (sign, tenant, audit_id, created_at, user_id, agent_id, operation, response_status)
  VALUES (-1, OLD.tenant, OLD.audit_id, OLD.created_at, OLD.user_id, OLD.agent_id, OLD.operation, OLD.response_status);
END;

CREATE TRIGGER audit_updated AFTER UPDATE ON audit BEGIN
  INSERT INTO audit_pending (sign, tenant, audit_id, created_at, user_id, agent_id, operation, response_status)
  VALUES (-1, OLD.tenant, OLD.audit_id, OLD.created_at, OLD.user_id, OLD.agent_id, OLD.operation, OLD.response_status),
    (1, NEW.tenant, NEW.audit_id, NEW.created_at, NEW.user_id, NEW.agent_id, NEW.operation, NEW.response_status);
END;

-- Rows of before: their places are to be found yet.
INSERT INTO audit_pending (sign, tenant, audit_id, created_at, user_id, agent_id, operation, response_status)
SELECT 1, tenant, audit_id, created_at, user_id, agent_id, operation, response_status FROM audit;

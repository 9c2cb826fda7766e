-- What was submitted for a task, without any value of it: the task's name, the names of the members, and the hash of the task's schema. Completions of before have none.
CREATE TABLE task_outlines (
  tenant text COLLATE "C" NOT NULL, completion_id text COLLATE "C" NOT NULL, task_name text COLLATE "C" NOT NULL, details text COLLATE "C" NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, completion_id)) WITH (fillfactor = 80);

-- The views say operations, scopes and requests as the API does. request_summary is JSON; stored_operation is what the tables have.

-- A view's column cannot change its type, so this view is dropped and created. Grants on it, and on its columns, are given again by its owner. A view of an operator's own that reads it stops the migration: drop it first.
CREATE TEMPORARY TABLE granted ON COMMIT DROP AS
SELECT g.grantee, g.privilege_type, g.is_grantable, g.attname FROM pg_class c, LATERAL (
  SELECT a.*, NULL::name AS attname FROM aclexplode(c.relacl) a
  UNION ALL
  SELECT a.*, t.attname FROM pg_attribute t, aclexplode(t.attacl) a WHERE t.attrelid = c.oid) g
WHERE c.oid = 'agent_audit_logs'::regclass AND g.grantee <> c.relowner;
DROP VIEW agent_audit_logs;

CREATE OR REPLACE VIEW agent_sessions AS
SELECT s.session_id AS id, s.tenant, s.agent_id, s.user_id, s.scopes::jsonb || jsonb_build_object('allowed_task_types', coalesce(s.scopes::jsonb -> 'task_types', '[]'), 'allowed_data_types', coalesce(s.scopes::jsonb -> 'data_types', '[]'), 'allowed_categories', coalesce(s.scopes::jsonb -> 'categories', '[]'), 'allowed_consents', coalesce(s.scopes::jsonb -> 'consents', '[]'), 'allowed_payees', coalesce(s.scopes::jsonb -> 'payees', '[]'), 'allowed_peers', coalesce(s.scopes::jsonb -> 'peers', '[]'), 'budget_limit_cents', trim_scale(s.budget_limit_micros / 10000.0)) AS scopes, s.budget_limit_micros / 10000.0 AS budget_limit_cents,
  coalesce((
    WITH RECURSIVE below (session_id) AS (
      SELECT s.session_id UNION ALL SELECT c.session_id FROM below b JOIN sessions c ON c.tenant = s.tenant AND c.parent_session_id = b.session_id)
    SELECT sum(r.amount_micros - coalesce(p.refunded_micros, 0)) FROM below b JOIN runs r ON r.tenant = s.tenant AND r.session_id = b.session_id
    LEFT JOIN refunded_payments p ON p.tenant = r.tenant AND p.payment_id = r.payment_id), 0) / 10000.0 AS budget_spent_cents,
  s.closed_at IS NULL AND s.expires_at > extract(epoch from now()) * 1000000 AS active, timestamptz 'epoch' + s.created_at * interval '1 microsecond' AS created_at, timestamptz 'epoch' + s.expires_at * interval '1 microsecond' AS expires_at,
  CASE WHEN s.closed_at < s.expires_at THEN timestamptz 'epoch' + s.closed_at * interval '1 microsecond' END AS revoked_at, s.parent_session_id, s.depth
FROM sessions s;

CREATE VIEW agent_audit_logs AS
SELECT e.id, e.tenant, e.agent_session_id, e.agent_id, e.user_id, CASE e.stored_operation WHEN 'find_services' THEN 'search' WHEN 'list_tasks' THEN 'get_tasks' WHEN 'do_task' THEN 'complete_task' ELSE e.stored_operation END AS operation, e.endpoint,
  CASE WHEN e.summary LIKE '% or more requests above the rate' THEN jsonb_build_object('requests_above_rate', split_part(e.summary, ' ', 1))
    ELSE (SELECT coalesce(jsonb_object_agg(split_part(part, '=', 1), substr(part, strpos(part, '=') + 1)), '{}') FROM unnest(string_to_array(e.summary, ' ')) AS part WHERE strpos(part, '=') > 1) END AS request_summary,
  e.response_status, e.execution_mode, e.created_at, e.stored_operation
FROM (
  SELECT a.audit_id AS id, a.tenant, a.session_id AS agent_session_id, a.agent_id, a.user_id, a.operation AS stored_operation, a.endpoint, a.request_summary AS summary, a.response_status,
    CASE WHEN a.endpoint LIKE '% /admin/%' OR a.endpoint LIKE '% /gpt/%' THEN 'human' ELSE 'agent' END AS execution_mode, timestamptz 'epoch' + a.created_at * interval '1 microsecond' AS created_at
  FROM audit a
  UNION ALL
  SELECT r.run_id, r.tenant, r.session_id, r.agent_id, r.user_id, coalesce(r.operation, CASE r.service_id WHEN '' THEN 'transfer' ELSE 'run_service' END),
    coalesce(r.endpoint, CASE r.service_id WHEN '' THEN 'POST /agent/wallet/transfer' ELSE 'POST /agent/services/{service_id}/run' END),
    coalesce(r.request_summary, CASE r.service_id WHEN '' THEN '' ELSE 'service_id=' || r.service_id END), r.response_status, CASE WHEN r.endpoint LIKE '% /gpt/%' THEN 'human' ELSE 'agent' END, timestamptz 'epoch' + r.requested_at * interval '1 microsecond'
  FROM runs r) e;

DO $$
DECLARE one record;
BEGIN
  FOR one IN SELECT * FROM granted LOOP
    EXECUTE format('GRANT %s%s ON agent_audit_logs TO %s%s', one.privilege_type, ' (' || quote_ident(one.attname) || ')',
      CASE one.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(one.grantee)) END, CASE WHEN one.is_grantable THEN ' WITH GRANT OPTION' END);
  END LOOP;
END $$;

CREATE OR REPLACE VIEW task_completions AS
SELECT c.completion_id AS id, c.tenant, c.session_id AS agent_session_id, c.agent_id, c.user_id, c.campaign_id, c.execution_mode,
  (SELECT min(g.granted_via) FROM user_consents g WHERE g.tenant = c.tenant AND g.user_id = c.user_id AND g.campaign_id = c.campaign_id) AS granted_via,
  c.consents::jsonb AS consents, c.consent_valid = 1 AS consent_valid, timestamptz 'epoch' + c.completed_at * interval '1 microsecond' AS completed_at,
  d.task_name, d.details::jsonb AS details, timestamptz 'epoch' + c.completed_at * interval '1 microsecond' AS created_at
FROM completions c
LEFT JOIN task_outlines d ON d.tenant = c.tenant AND d.completion_id = c.completion_id;

CREATE OR REPLACE VIEW payments AS
SELECT r.payment_id AS id, r.tenant, r.run_id, r.session_id AS agent_session_id, r.agent_id, r.user_id, r.service_id, r.campaign_id, r.provider, r.payer, coalesce(r.payer_id, r.campaign_id) AS payer_id, r.source, r.status,
  r.amount_micros / 10000.0 AS amount_cents, r.fee_micros / 10000.0 AS fee_cents, coalesce(p.refunded_micros, 0) / 10000.0 AS refunded_cents, CASE WHEN r.endpoint LIKE '% /gpt/%' THEN 'human' ELSE 'agent' END AS execution_mode, a.decided_by AS approved_by,
  r.tx_hash, timestamptz 'epoch' + r.requested_at * interval '1 microsecond' AS created_at, timestamptz 'epoch' + r.settled_at * interval '1 microsecond' AS settled_at, r.service_id AS service
FROM runs r
LEFT JOIN refunded_payments p ON p.tenant = r.tenant AND p.payment_id = r.payment_id
LEFT JOIN approvals a ON a.tenant = r.tenant AND a.run_id = r.run_id AND a.state = 'approved'
WHERE r.payment_id IS NOT NULL;

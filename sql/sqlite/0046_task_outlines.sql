-- What was submitted for a task, without any value of it: the task's name, the names of the members, and the hash of the task's schema. Completions of before have none.
CREATE TABLE task_outlines (
  tenant TEXT NOT NULL, completion_id TEXT NOT NULL, task_name TEXT NOT NULL, details TEXT NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, completion_id));

-- The views say operations, scopes and requests as the API does. request_summary is JSON; stored_operation is what the tables have.
DROP VIEW agent_sessions;
DROP VIEW agent_audit_logs;
DROP VIEW task_completions;
DROP VIEW payments;

CREATE VIEW agent_sessions AS
SELECT s.session_id AS id, s.tenant, s.agent_id, s.user_id, json_set(s.scopes, '$.allowed_task_types', json(coalesce(json_extract(s.scopes, '$.task_types'), '[]')), '$.allowed_data_types', json(coalesce(json_extract(s.scopes, '$.data_types'), '[]')), '$.allowed_categories', json(coalesce(json_extract(s.scopes, '$.categories'), '[]')), '$.allowed_consents', json(coalesce(json_extract(s.scopes, '$.consents'), '[]')), '$.allowed_payees', json(coalesce(json_extract(s.scopes, '$.payees'), '[]')), '$.allowed_peers', json(coalesce(json_extract(s.scopes, '$.peers'), '[]')), '$.budget_limit_cents', CASE s.budget_limit_micros % 10000 WHEN 0 THEN s.budget_limit_micros / 10000 ELSE s.budget_limit_micros / 10000.0 END) AS scopes, s.budget_limit_micros / 10000.0 AS budget_limit_cents,
  coalesce((
    WITH RECURSIVE below (session_id) AS (
      SELECT s.session_id UNION ALL SELECT c.session_id FROM below b JOIN sessions c ON c.tenant = s.tenant AND c.parent_session_id = b.session_id)
    SELECT sum(r.amount_micros - coalesce(p.refunded_micros, 0)) FROM below b JOIN runs r ON r.tenant = s.tenant AND r.session_id = b.session_id
    LEFT JOIN refunded_payments p ON p.tenant = r.tenant AND p.payment_id = r.payment_id), 0) / 10000.0 AS budget_spent_cents,
  s.closed_at IS NULL AND s.expires_at > (julianday('now') - 2440587.5) * 86400000000 AS active, strftime('%Y-%m-%dT%H:%M:%S', s.created_at / 1000000, 'unixepoch') || printf('.%06dZ', s.created_at % 1000000) AS created_at, strftime('%Y-%m-%dT%H:%M:%S', s.expires_at / 1000000, 'unixepoch') || printf('.%06dZ', s.expires_at % 1000000) AS expires_at,
  CASE WHEN s.closed_at < s.expires_at THEN strftime('%Y-%m-%dT%H:%M:%S', s.closed_at / 1000000, 'unixepoch') || printf('.%06dZ', s.closed_at % 1000000) END AS revoked_at, s.parent_session_id, s.depth
FROM sessions s;

CREATE VIEW agent_audit_logs AS
SELECT e.id, e.tenant, e.agent_session_id, e.agent_id, e.user_id, CASE e.stored_operation WHEN 'find_services' THEN 'search' WHEN 'list_tasks' THEN 'get_tasks' WHEN 'do_task' THEN 'complete_task' ELSE e.stored_operation END AS operation, e.endpoint,
  CASE WHEN e.summary LIKE '% or more requests above the rate' THEN json_object('requests_above_rate', substr(e.summary, 1, instr(e.summary, ' ') - 1))
    ELSE (SELECT json_group_object(last.name, last.value) FROM (
      SELECT substr(part.value, 1, instr(part.value, '=') - 1) AS name, substr(part.value, instr(part.value, '=') + 1) AS value, max(part.key)
      FROM json_each('[' || replace(json_quote(e.summary), ' ', '","') || ']') AS part WHERE instr(part.value, '=') > 1 GROUP BY 1) AS last) END AS request_summary,
  e.response_status, e.execution_mode, e.created_at, e.stored_operation
FROM (
  SELECT a.audit_id AS id, a.tenant, a.session_id AS agent_session_id, a.agent_id, a.user_id, a.operation AS stored_operation, a.endpoint, a.request_summary AS summary, a.response_status,
    CASE WHEN a.endpoint LIKE '% /admin/%' OR a.endpoint LIKE '% /gpt/%' THEN 'human' ELSE 'agent' END AS execution_mode, strftime('%Y-%m-%dT%H:%M:%S', a.created_at / 1000000, 'unixepoch') || printf('.%06dZ', a.created_at % 1000000) AS created_at
  FROM audit a
  UNION ALL
  SELECT r.run_id, r.tenant, r.session_id, r.agent_id, r.user_id, coalesce(r.operation, CASE r.service_id WHEN '' THEN 'transfer' ELSE 'run_service' END),
    coalesce(r.endpoint, CASE r.service_id WHEN '' THEN 'POST /agent/wallet/transfer' ELSE 'POST /agent/services/{service_id}/run' END),
    coalesce(r.request_summary, CASE r.service_id WHEN '' THEN '' ELSE 'service_id=' || r.service_id END), r.response_status, CASE WHEN r.endpoint LIKE '% /gpt/%' THEN 'human' ELSE 'agent' END, strftime('%Y-%m-%dT%H:%M:%S', r.requested_at / 1000000, 'unixepoch') || printf('.%06dZ', r.requested_at % 1000000)
  FROM runs r) e;

CREATE VIEW task_completions AS
SELECT c.completion_id AS id, c.tenant, c.session_id AS agent_session_id, c.agent_id, c.user_id, c.campaign_id, c.execution_mode,
  (SELECT min(g.granted_via) FROM user_consents g WHERE g.tenant = c.tenant AND g.user_id = c.user_id AND g.campaign_id = c.campaign_id) AS granted_via,
  c.consents AS consents, c.consent_valid AS consent_valid, strftime('%Y-%m-%dT%H:%M:%S', c.completed_at / 1000000, 'unixepoch') || printf('.%06dZ', c.completed_at % 1000000) AS completed_at,
  d.task_name, d.details AS details, strftime('%Y-%m-%dT%H:%M:%S', c.completed_at / 1000000, 'unixepoch') || printf('.%06dZ', c.completed_at % 1000000) AS created_at
FROM completions c
LEFT JOIN task_outlines d ON d.tenant = c.tenant AND d.completion_id = c.completion_id;

CREATE VIEW payments AS
SELECT r.payment_id AS id, r.tenant, r.run_id, r.session_id AS agent_session_id, r.agent_id, r.user_id, r.service_id, r.campaign_id, r.provider, r.payer, coalesce(r.payer_id, r.campaign_id) AS payer_id, r.source, r.status,
  r.amount_micros / 10000.0 AS amount_cents, r.fee_micros / 10000.0 AS fee_cents, coalesce(p.refunded_micros, 0) / 10000.0 AS refunded_cents, CASE WHEN r.endpoint LIKE '% /gpt/%' THEN 'human' ELSE 'agent' END AS execution_mode, a.decided_by AS approved_by,
  r.tx_hash, strftime('%Y-%m-%dT%H:%M:%S', r.requested_at / 1000000, 'unixepoch') || printf('.%06dZ', r.requested_at % 1000000) AS created_at, strftime('%Y-%m-%dT%H:%M:%S', r.settled_at / 1000000, 'unixepoch') || printf('.%06dZ', r.settled_at % 1000000) AS settled_at, r.service_id AS service
FROM runs r
LEFT JOIN refunded_payments p ON p.tenant = r.tenant AND p.payment_id = r.payment_id
LEFT JOIN approvals a ON a.tenant = r.tenant AND a.run_id = r.run_id AND a.state = 'approved'
WHERE r.payment_id IS NOT NULL;

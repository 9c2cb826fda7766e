-- What a person does in a chat is a person's: such a row keeps its route, by which it is known.
DROP VIEW agent_audit_logs;
DROP VIEW payments;

CREATE VIEW agent_audit_logs AS
SELECT a.audit_id AS id, a.tenant, a.session_id AS agent_session_id, a.agent_id, a.user_id, a.operation, a.endpoint, a.request_summary, a.response_status,
  CASE WHEN a.endpoint LIKE '% /admin/%' OR a.endpoint LIKE '% /gpt/%' THEN 'human' ELSE 'agent' END AS execution_mode, strftime('%Y-%m-%dT%H:%M:%S', a.created_at / 1000000, 'unixepoch') || printf('.%06dZ', a.created_at % 1000000) AS created_at
FROM audit a
UNION ALL
SELECT r.run_id, r.tenant, r.session_id, r.agent_id, r.user_id, coalesce(r.operation, CASE r.service_id WHEN '' THEN 'transfer' ELSE 'run_service' END),
  coalesce(r.endpoint, CASE r.service_id WHEN '' THEN 'POST /agent/wallet/transfer' ELSE 'POST /agent/services/{service_id}/run' END),
  coalesce(r.request_summary, CASE r.service_id WHEN '' THEN '' ELSE 'service_id=' || r.service_id END), r.response_status, CASE WHEN r.endpoint LIKE '% /gpt/%' THEN 'human' ELSE 'agent' END, strftime('%Y-%m-%dT%H:%M:%S', r.requested_at / 1000000, 'unixepoch') || printf('.%06dZ', r.requested_at % 1000000)
FROM runs r;

CREATE VIEW payments AS
SELECT r.payment_id AS id, r.tenant, r.run_id, r.session_id AS agent_session_id, r.agent_id, r.user_id, r.service_id, r.campaign_id, r.provider, r.payer, coalesce(r.payer_id, r.campaign_id) AS payer_id, r.source, r.status,
  r.amount_micros / 10000.0 AS amount_cents, r.fee_micros / 10000.0 AS fee_cents, coalesce(p.refunded_micros, 0) / 10000.0 AS refunded_cents, CASE WHEN r.endpoint LIKE '% /gpt/%' THEN 'human' ELSE 'agent' END AS execution_mode, a.decided_by AS approved_by,
  r.tx_hash, strftime('%Y-%m-%dT%H:%M:%S', r.requested_at / 1000000, 'unixepoch') || printf('.%06dZ', r.requested_at % 1000000) AS created_at, strftime('%Y-%m-%dT%H:%M:%S', r.settled_at / 1000000, 'unixepoch') || printf('.%06dZ', r.settled_at % 1000000) AS settled_at
FROM runs r
LEFT JOIN refunded_payments p ON p.tenant = r.tenant AND p.payment_id = r.payment_id
LEFT JOIN approvals a ON a.tenant = r.tenant AND a.run_id = r.run_id AND a.state = 'approved'
WHERE r.payment_id IS NOT NULL;

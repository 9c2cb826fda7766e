-- What was given back of payments: each refund, and a row for each payment of which there is one. A payment itself is its run's row.
CREATE TABLE refunds (
  tenant TEXT NOT NULL, payment_id TEXT NOT NULL, refund_id TEXT NOT NULL,
  amount_micros INTEGER NOT NULL, fee_micros INTEGER NOT NULL, reason TEXT NOT NULL, actor TEXT NOT NULL, state TEXT NOT NULL, created_at INTEGER NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, payment_id, refund_id));

CREATE TABLE refunded_payments (
  tenant TEXT NOT NULL, payment_id TEXT NOT NULL,
  refunded_micros INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, payment_id));

-- What was given back of payments: each refund, and a row for each payment of which there is one. A payment itself is its run's row.
CREATE TABLE refunds (
  tenant text COLLATE "C" NOT NULL, payment_id text COLLATE "C" NOT NULL, refund_id text COLLATE "C" NOT NULL,
  amount_micros bigint NOT NULL, fee_micros bigint NOT NULL, reason text COLLATE "C" NOT NULL, actor text COLLATE "C" NOT NULL, state text COLLATE "C" NOT NULL, created_at bigint NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, payment_id, refund_id));

CREATE TABLE refunded_payments (
  tenant text COLLATE "C" NOT NULL, payment_id text COLLATE "C" NOT NULL,
  refunded_micros bigint NOT NULL, updated_at bigint NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, payment_id));

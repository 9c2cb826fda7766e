-- The books of all funds, and wallets' statements. Of campaigns, and of what happened to wallets before, only a rebuild makes the rows.
CREATE TABLE funds (
  tenant text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL, fund_id text COLLATE "C" NOT NULL,
  asset text COLLATE "C" NOT NULL, balance_micros bigint NOT NULL, held_micros bigint NOT NULL,
  entered_micros bigint NOT NULL, left_micros bigint NOT NULL, sent_micros bigint NOT NULL, received_micros bigint NOT NULL, updated_at bigint NOT NULL,
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, kind, fund_id)) WITH (fillfactor = 80);

-- A page of a statement, forwards, backwards or between two times, is a range of this key.
CREATE TABLE fund_entries (
  tenant text COLLATE "C" NOT NULL, wallet_id text COLLATE "C" NOT NULL, at bigint NOT NULL, entry bigint NOT NULL,
  kind text COLLATE "C" NOT NULL, counterparty text COLLATE "C" NOT NULL, amount_micros bigint NOT NULL, balance_micros bigint NOT NULL, memo text COLLATE "C", reference text COLLATE "C",
  stream text COLLATE "C" NOT NULL, seq bigint NOT NULL,
  PRIMARY KEY (tenant, wallet_id, at, entry));

-- Sums over funds, kept by each statement that changes it: exact at every commit, read without reading a million rows. Sums of all
-- shards are the totals; a connection adds to a shard of its own, so that writers seldom wait for each other. Writers come here with
-- all their rows of funds locked and none of a table that comes after it, so they cannot wait for each other in a circle.
CREATE TABLE funds_totals (
  tenant text COLLATE "C" NOT NULL, shard bigint NOT NULL,
  balance_micros numeric NOT NULL, entered_micros numeric NOT NULL, left_micros numeric NOT NULL, sent_micros numeric NOT NULL, received_micros numeric NOT NULL,
  PRIMARY KEY (tenant, shard)) WITH (fillfactor = 10);

CREATE FUNCTION funds_add() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO funds_totals AS t
    SELECT tenant, pg_backend_pid() % 64, sum(balance_micros), sum(entered_micros), sum(left_micros), sum(sent_micros), sum(received_micros)
    FROM new_rows GROUP BY tenant ORDER BY tenant
    ON CONFLICT (tenant, shard) DO UPDATE SET
      balance_micros = t.balance_micros + excluded.balance_micros, entered_micros = t.entered_micros + excluded.entered_micros,
      left_micros = t.left_micros + excluded.left_micros, sent_micros = t.sent_micros + excluded.sent_micros, received_micros = t.received_micros + excluded.received_micros;
  ELSE
    INSERT INTO funds_totals AS t
    SELECT tenant, pg_backend_pid() % 64, -sum(balance_micros), -sum(entered_micros), -sum(left_micros), -sum(sent_micros), -sum(received_micros)
    FROM old_rows GROUP BY tenant ORDER BY tenant
    ON CONFLICT (tenant, shard) DO UPDATE SET
      balance_micros = t.balance_micros + excluded.balance_micros, entered_micros = t.entered_micros + excluded.entered_micros,
      left_micros = t.left_micros + excluded.left_micros, sent_micros = t.sent_micros + excluded.sent_micros, received_micros = t.received_micros + excluded.received_micros;
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION funds_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO funds_totals AS t
  SELECT tenant, pg_backend_pid() % 64, sum(balance_micros), sum(entered_micros), sum(left_micros), sum(sent_micros), sum(received_micros)
  FROM (
    SELECT tenant, balance_micros, entered_micros, left_micros, sent_micros, received_micros FROM new_rows
    UNION ALL SELECT tenant, -balance_micros, -entered_micros, -left_micros, -sent_micros, -received_micros FROM old_rows) AS changed
  GROUP BY tenant ORDER BY tenant
  ON CONFLICT (tenant, shard) DO UPDATE SET
    balance_micros = t.balance_micros + excluded.balance_micros, entered_micros = t.entered_micros + excluded.entered_micros,
    left_micros = t.left_micros + excluded.left_micros, sent_micros = t.sent_micros + excluded.sent_micros, received_micros = t.received_micros + excluded.received_micros;
  RETURN NULL;
END $$;

CREATE TRIGGER funds_inserted AFTER INSERT ON funds REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION funds_add();
CREATE TRIGGER funds_deleted AFTER DELETE ON funds REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION funds_add();
CREATE TRIGGER funds_updated AFTER UPDATE ON funds REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION funds_change();

INSERT INTO funds (tenant, kind, fund_id, asset, balance_micros, held_micros, entered_micros, left_micros, sent_micros, received_micros, updated_at, stream, seq)
SELECT tenant, 'wallet', wallet_id, 'USD', balance_micros, 0, 0, 0, 0, credited_micros, updated_at, stream, seq FROM wallets;

-- Table wallets stays for now: silos of the release before still write it while a cluster is updated one by one.

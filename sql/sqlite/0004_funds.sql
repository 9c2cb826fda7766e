-- The books of all funds, and wallets' statements. Of campaigns, and of what happened to wallets before, only a rebuild makes the rows.
CREATE TABLE funds (
  tenant TEXT NOT NULL, kind TEXT NOT NULL, fund_id TEXT NOT NULL,
  asset TEXT NOT NULL, balance_micros INTEGER NOT NULL, held_micros INTEGER NOT NULL,
  entered_micros INTEGER NOT NULL, left_micros INTEGER NOT NULL, sent_micros INTEGER NOT NULL, received_micros INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, kind, fund_id));

-- A page of a statement, forwards, backwards or between two times, is a range of this key.
CREATE TABLE fund_entries (
  tenant TEXT NOT NULL, wallet_id TEXT NOT NULL, at INTEGER NOT NULL, entry INTEGER NOT NULL,
  kind TEXT NOT NULL, counterparty TEXT NOT NULL, amount_micros INTEGER NOT NULL, balance_micros INTEGER NOT NULL, memo TEXT, reference TEXT,
  stream TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (tenant, wallet_id, at, entry));

-- Sums over funds, kept by each statement that changes it: exact at every commit, read without reading a million rows.
CREATE TABLE funds_totals (
  tenant TEXT NOT NULL PRIMARY KEY,
  balance_micros INTEGER NOT NULL, entered_micros INTEGER NOT NULL, left_micros INTEGER NOT NULL, sent_micros INTEGER NOT NULL, received_micros INTEGER NOT NULL);

CREATE TRIGGER funds_inserted AFTER INSERT ON funds BEGIN
  INSERT INTO funds_totals (tenant, balance_micros, entered_micros, left_micros, sent_micros, received_micros)
  VALUES (NEW.tenant, NEW.balance_micros, NEW.entered_micros, NEW.left_micros, NEW.sent_micros, NEW.received_micros)
  ON CONFLICT (tenant) DO UPDATE SET
    balance_micros = balance_micros + excluded.balance_micros, entered_micros = entered_micros + excluded.entered_micros,
    left_micros = left_micros + excluded.left_micros, sent_micros = sent_micros + excluded.sent_micros, received_micros = received_micros + excluded.received_micros;
END;

CREATE TRIGGER funds_updated AFTER UPDATE ON funds BEGIN
  UPDATE funds_totals SET
    balance_micros = balance_micros + NEW.balance_micros - OLD.balance_micros, entered_micros = entered_micros + NEW.entered_micros - OLD.entered_micros,
    left_micros = left_micros + NEW.left_micros - OLD.left_micros, sent_micros = sent_micros + NEW.sent_micros - OLD.sent_micros,
    received_micros = received_micros + NEW.received_micros - OLD.received_micros
  WHERE tenant = NEW.tenant;
END;

CREATE TRIGGER funds_deleted AFTER DELETE ON funds BEGIN
  UPDATE funds_totals SET
    balance_micros = balance_micros - OLD.balance_micros, entered_micros = entered_micros - OLD.entered_micros,
    left_micros = left_micros - OLD.left_micros, sent_micros = sent_micros - OLD.sent_micros, received_micros = received_micros - OLD.received_micros
  WHERE tenant = OLD.tenant;
END;

INSERT INTO funds (tenant, kind, fund_id, asset, balance_micros, held_micros, entered_micros, left_micros, sent_micros, received_micros, updated_at, stream, seq)
SELECT tenant, 'wallet', wallet_id, 'USD', balance_micros, 0, 0, 0, 0, credited_micros, updated_at, stream, seq FROM wallets;

DROP TABLE wallets;

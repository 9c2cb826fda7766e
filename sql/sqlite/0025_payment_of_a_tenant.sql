-- A payment is found by tenant and id: without the tenant SQLite took another index, and went through all of the tenant's runs.
DROP INDEX runs_payment;
CREATE INDEX runs_payment ON runs (tenant, payment_id) WHERE payment_id IS NOT NULL;

-- Whether a transaction has settled another payment of its payer is looked up when an operator says that it has settled one.
CREATE INDEX settlements_tx ON settlements (tenant, wallet_id, tx_hash) WHERE tx_hash IS NOT NULL;

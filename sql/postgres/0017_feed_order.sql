-- A look takes the first rows behind a cursor. The tree on tx has them in order, so only rows of one transaction are to be sorted. A planner that has no
-- statistics of the newest rows yet would sort all rows up to the cut instead, for each look: a follower that lags would pay for all it has to read each time.
ALTER FUNCTION journal_follow(bigint, text, bigint, bytea, text[], bigint, bigint) SET enable_sort = off;

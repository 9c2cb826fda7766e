-- A plan made while nothing waits reads the whole table for each row that it takes, and stays until the next vacuum: 20,000 rows took 1.2 s in place of 12 ms, and 50,000 took 8 s, nearly as long as a
-- statement may. Rows are taken by their place, whatever the planner believes; reading them in the first place has no other way, which is dear in its eyes and nothing to compile for.
ALTER FUNCTION runs_days_add(bigint) SET enable_seqscan = off SET jit = off;

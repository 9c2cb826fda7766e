-- What Orleans' AdoNet providers execute stands in this table: they read all of it when a silo or client starts, by these column
-- names, and send the texts with parameters of fixed names. Texts of later files replace nothing: a changed query is an UPDATE here.

CREATE TABLE orleansquery (
  querykey  text PRIMARY KEY,
  querytext text NOT NULL
);

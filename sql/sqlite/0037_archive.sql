-- Bodies of rows that nobody needs in a hurry, many compressed in one pack. Their rows stay, with an empty body, which no other row has. A pack comes once and is never changed.
CREATE TABLE journal_archive (
  stream INTEGER NOT NULL REFERENCES streams (id),
  first  INTEGER NOT NULL,
  last   INTEGER NOT NULL,
  bodies BLOB    NOT NULL,
  PRIMARY KEY (stream, first)
);

-- What Orleans' AdoNet providers look for first: the statements that they are to use, by key. The keys, the names of
-- the parameters and the names of the result columns are Orleans' contract; tables and statements are ours.

CREATE TABLE IF NOT EXISTS notebook_schema (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version  integer NOT NULL
);

CREATE TABLE IF NOT EXISTS orleansquery (
    querykey  text PRIMARY KEY,
    querytext text NOT NULL
);

-- Which silo holds the connection of which server's agent: what the placement director looks up. Not Orleans' table.

CREATE TABLE IF NOT EXISTS agent_connection (
    deployment   text        NOT NULL,
    server       text        NOT NULL,
    silo         text        NOT NULL,   -- address@generation, as Orleans writes it
    connected_at timestamptz NOT NULL,
    PRIMARY KEY (deployment, server)
);

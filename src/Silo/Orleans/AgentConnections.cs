using Npgsql;
using Orleans.Runtime;

namespace Notebook.Silo.Placement;

/// <summary>
/// Which silo holds the connection of which server's agent, in the table <c>agent_connection</c>. The silo that an
/// agent dialled writes its row; the row stays when the connection breaks, because the agent mostly comes back to the
/// same silo, and a row that names a silo which is gone is ignored.
/// </summary>
internal sealed class AgentConnections(NpgsqlDataSource database, string deployment)
{
    /// <summary>Writes down that the agent of <paramref name="server"/> is connected to <paramref name="silo"/>.</summary>
    public async Task SetAsync(string server, SiloAddress silo, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("""
            INSERT INTO agent_connection (deployment, server, silo, connected_at) VALUES ($1, $2, $3, now())
            ON CONFLICT (deployment, server) DO UPDATE SET silo = excluded.silo, connected_at = excluded.connected_at
            """);
        command.Parameters.Add(new() { Value = deployment });
        command.Parameters.Add(new() { Value = server });
        command.Parameters.Add(new() { Value = silo.ToParsableString() });
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Where the agent of <paramref name="server"/> was last connected; null when it never was.</summary>
    public async Task<SiloAddress?> FindAsync(string server, CancellationToken cancel)
    {
        await using var command = database.CreateCommand("SELECT silo FROM agent_connection WHERE deployment = $1 AND server = $2");
        command.Parameters.Add(new() { Value = deployment });
        command.Parameters.Add(new() { Value = server });
        return await command.ExecuteScalarAsync(cancel) is string silo ? SiloAddress.FromParsableString(silo) : null;
    }
}

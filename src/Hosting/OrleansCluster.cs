#if ORLEANS_HOST
namespace Notebook.Hosting;

/// <summary>The cluster that silos and gateways of the Orleans build find in PostgreSQL.</summary>
/// <param name="Id">Its name in the database: several clusters may share one.</param>
/// <param name="ConnectionString">The database.</param>
public sealed record OrleansCluster(string Id, string ConnectionString)
{
    /// <summary>Npgsql's name among ADO.NET's providers.</summary>
    public const string Invariant = "Npgsql";
}
#endif

using Notebook.Embedded;
using Notebook.Embedded.Client;
using Notebook.Grains;
using Notebook.Hosting;
using Notebook.Links;
using Notebook.Silo.Agents;

namespace Notebook.Silo;

/// <summary>The grain host of the default build: in this process, with SQLite.</summary>
internal static class GrainHosting
{
    /// <summary>Adds the host.</summary>
    public static void AddGrainHost(this WebApplicationBuilder builder, SiloSettings settings)
    {
        if (settings.PostgresFile is not null)
        {
            throw new UserException(
                "--postgres-file is for the Orleans build; this silo keeps its state in its data directory: leave the option out",
                ExitCodes.Usage);
        }

        builder.Services.AddEmbeddedGrains(o =>
        {
            o.DatabasePath = Path.Combine(settings.Process.Data.State, "silo.db");
            o.GrainAssemblies.Add(typeof(GrainServices).Assembly);
        });
        builder.Services.AddSingleton<AgentArriving>((_, _) => Task.CompletedTask);   // there is one silo, and the grains are in it
    }

    /// <summary>Makes the storage ready.</summary>
    public static async Task<int> InitStorageAsync(SiloSettings settings)
    {
        await Console.Out.WriteLineAsync($"nothing to do: {settings.Process.Data.State} is made ready by the silo itself");
        return ExitCodes.Ok;
    }

    /// <summary>Adds what the host serves to other processes.</summary>
    public static void AddPurposes(IServiceProvider services, Dictionary<string, Func<Link, CancellationToken, Task>> purposes)
    {
        var endpoint = services.GetRequiredService<GrainEndpoint>();
        purposes[LinkPurpose.Grains] = async (link, stopping) =>
        {
            try
            {
                await endpoint.ServeAsync(new LinkTransport(link), stopping);
            }
            catch (GrainProtocolException e)
            {
                link.Break($"{link.Peer} does not speak as a grain client: {e.Message}");
            }
        };
    }
}

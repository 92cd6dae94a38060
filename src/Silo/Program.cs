using System.CommandLine;
using Notebook.Hosting;
using Notebook.Silo;
using Orleans.Runtime;

var command = new RootCommand("The control plane: grains, agents, admin API.");
var options = new SiloOptions(command);
command.SetAction((parsed, _) => RunAsync(options.Read(parsed)));
return await ProcessMain.RunAsync("notebook silo", command, args);

static async Task<int> RunAsync(SiloSettings settings)
{
    if (settings.InitStorage) return await GrainHosting.InitStorageAsync(settings);
    await using var app = SiloApp.Build(settings);
    try
    {
        await app.RunProcessAsync();
    }
    catch (OrleansException e)
    {
        throw new UserException($"the grain host cannot run: {e.Message}", ExitCodes.DataDirectory);   // its storage, mostly
    }

    return Environment.ExitCode;
}

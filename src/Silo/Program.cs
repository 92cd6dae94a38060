using System.CommandLine;
using Notebook.Grains;
using Notebook.Hosting;
using Notebook.Links;
using Notebook.Silo;
using Notebook.Silo.Admin;

var command = new RootCommand("The control plane: grains, agents, admin API.");
var options = new SiloOptions(command);
command.SetAction((parsed, _) => RunAsync(options.Read(parsed)));
return await ProcessMain.RunAsync("notebook silo", command, args);

static async Task<int> RunAsync(SiloSettings settings)
{
    if (settings.InitStorage) return await GrainHosting.InitStorageAsync(settings);
    var token = AdminApi.ReadToken(settings.AdminTokenFile);

    var builder = WebApplication.CreateSlimBuilder();
    builder.UseProcess(settings.Process);
    builder.AddGrainHost(settings);
    builder.Services.AddGrainPolicies();
    builder.Services.AddAgents();
    builder.Services.AddHostedService<StartupRecovery>();

    var app = builder.Build();
    app.UseWebSockets();
    app.MapLinks(new LinkServices(settings.Process.Self, settings.Process.Key, TimeProvider.System, app.Purposes()));
    app.MapAdmin(token);
    await app.RunProcessAsync();
    return ExitCodes.Ok;
}

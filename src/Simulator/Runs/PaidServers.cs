using Notebook.Contracts;
using Notebook.Contracts.Provisioning;
using Notebook.Grains.Provisioning;
using Notebook.Simulator.Model;

namespace Notebook.Simulator.Runs;

/// <summary>
/// A provisioner of simulated servers that counts what is paid for: a server is from the moment when it is asked for until it is gone.
/// </summary>
internal sealed class PaidServers(SimulatedProvisioner provisioner, SimulatedCluster cluster, RunRecorder recorder, HashSet<ServerId> paid) : IServerProvisioner
{
    public string Name => provisioner.Name;

    public async Task<ProvisionOutcome> AddAsync(ServerId server, CancellationToken cancel)
    {
        if (paid.Add(server)) recorder.Provisioned(cluster.Model.GpusPerServer);
        return await provisioner.AddAsync(server, cancel);
    }

    public async Task<ProvisionOutcome> RemoveAsync(ServerId server, CancellationToken cancel)
    {
        var outcome = await provisioner.RemoveAsync(server, cancel);
        if (outcome is ProvisionOutcome.Done && paid.Remove(server))
        {
            recorder.Unprovisioned(cluster.Model.GpusPerServer);
            recorder.Gone(server);
        }

        return outcome;
    }
}

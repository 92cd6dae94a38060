using Notebook.Contracts.Provisioning;

namespace Notebook.Grains.Provisioning;

/// <summary>Adds and removes nothing: servers join and leave by their operators' hands.</summary>
public sealed class NoProvisioner : IServerProvisioner
{
    /// <inheritdoc/>
    public string Name => "none";

    /// <inheritdoc/>
    public Task<ProvisionOutcome> AddAsync(ServerId server, CancellationToken cancel) => Refused($"server {server} was not started");

    /// <inheritdoc/>
    public Task<ProvisionOutcome> RemoveAsync(ServerId server, CancellationToken cancel) => Refused($"server {server} was not removed");

    private static Task<ProvisionOutcome> Refused(string what) => Task.FromResult<ProvisionOutcome>(
        new ProvisionOutcome.Failed($"{what}: this silo has no provisioner (--provisioner process or command)"));
}

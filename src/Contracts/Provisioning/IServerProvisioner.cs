namespace Notebook.Contracts.Provisioning;

/// <summary>What became of adding or removing a server.</summary>
[GenerateSerializer, Immutable, Alias("notebook.provision-outcome")]
public abstract record ProvisionOutcome
{
    /// <summary>An added server was started, and its agent is to connect; a removed one is gone.</summary>
    [GenerateSerializer, Immutable, Alias("notebook.provision-outcome.done")]
    public sealed record Done : ProvisionOutcome;

    /// <summary>It failed; what was begun may be half there, so that the same is asked again.</summary>
    /// <param name="Reason">What was tried and what was found, for operators.</param>
    [GenerateSerializer, Immutable, Alias("notebook.provision-outcome.failed")]
    public sealed record Failed([property: Id(0)] string Reason) : ProvisionOutcome;
}

/// <summary>
/// Makes and takes away GPU servers. Both calls may come again for the same server, after a crash or a failure: adding one
/// that is there makes sure that it runs, removing one that is gone succeeds. They may run side by side for different
/// servers. What fails for reasons of the world is an outcome, never an exception.
/// </summary>
public interface IServerProvisioner
{
    /// <summary><c>process</c>, <c>command</c>, <c>simulated</c> or <c>none</c>.</summary>
    string Name { get; }

    /// <summary>Makes sure that a server of this id runs an agent that joins the cluster.</summary>
    /// <param name="server">Its id: letters, digits and hyphens.</param>
    /// <param name="cancel">Cancelled when the time for it is over, or the silo ends.</param>
    Task<ProvisionOutcome> AddAsync(ServerId server, CancellationToken cancel);

    /// <summary>Makes sure that the server is gone, with its disk: nothing is placed on it any more.</summary>
    /// <param name="server">Its id.</param>
    /// <param name="cancel">Cancelled when the time for it is over, or the silo ends.</param>
    Task<ProvisionOutcome> RemoveAsync(ServerId server, CancellationToken cancel);
}

namespace Notebook.Contracts.Provisioning;

/// <summary>
/// Adds or removes one server, whose id is its key, by <see cref="IServerProvisioner"/>. It takes as long as it takes, and
/// keeps nobody waiting: what comes of it is told to <see cref="IClusterManagerGrain.Provisioned"/>.
/// </summary>
[Alias("notebook.IProvisionerGrain")]
public interface IProvisionerGrain : IGrainWithStringKey
{
    /// <summary>Begins an operation. One that is still under way is cancelled, and ends first.</summary>
    /// <param name="operation">Its number, which the outcome bears.</param>
    /// <param name="add">Whether the server is to be there, or to be gone.</param>
    /// <param name="limit">How long it may take.</param>
    [OneWay, Alias("Operate")]
    Task Operate(long operation, bool add, TimeSpan limit);
}

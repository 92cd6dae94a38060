using Orleans.Runtime;

namespace Notebook.Gateway.Cluster;

/// <summary>The silo did not answer; the call may have been carried out or not.</summary>
internal sealed class ControlPlaneUnavailableException(string message, Exception inner) : Exception(message, inner);

/// <summary>
/// Calls to the grains, and whether anybody answers them. After a failure it asks again until somebody does, and
/// then announces it: kernels subscribe and submit again, since a new silo may know less than the old one.
/// </summary>
internal sealed partial class ControlPlane(
    IKernelDirectory grains, GatewayCounters counters, TimeProvider time, ILogger<ControlPlane> log)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_probeEvery = TimeSpan.FromMilliseconds(200);
    private int _probing;

    public IKernelDirectory Grains => grains;

    /// <summary>Raised whenever the silo answers again after it did not.</summary>
    public event Action? Restored;

    /// <summary>From the connection to the silo: it was made again.</summary>
    public void Reconnected() => Restored?.Invoke();

    /// <exception cref="ControlPlaneUnavailableException">Nobody answered within ten seconds.</exception>
    public async Task<T> CallAsync<T>(Func<IKernelDirectory, Task<T>> call)
    {
        try
        {
            return await call(grains).WaitAsync(s_limit, time);
        }
        catch (Exception e) when (IsUnavailable(e))
        {
            Failed(e);
            throw new ControlPlaneUnavailableException("the platform's control plane (silo) does not answer just now; try again in a few seconds", e);
        }
    }

    /// <summary>Whether an exception of a grain call means that the silo is not there, rather than that it said no.</summary>
    public static bool IsUnavailable(Exception e) =>
        e is OrleansException or TimeoutException or OperationCanceledException or ObjectDisposedException or IOException;

    private void Failed(Exception e)
    {
        counters.Add(GatewayCounters.SiloFailures);
        LogUnavailable(e.Message);
        if (Interlocked.Exchange(ref _probing, 1) == 0) _ = ProbeAsync();
    }

    private async Task ProbeAsync()
    {
        while (true)
        {
            await Task.Delay(s_probeEvery, time, CancellationToken.None);
            try
            {
                await grains.Cluster.KernelSpecs().WaitAsync(s_limit, time);
                break;
            }
            catch (Exception e) when (IsUnavailable(e))
            {
                // Not yet: the next turn asks again, for as long as this process lives.
            }
        }

        Interlocked.Exchange(ref _probing, 0);
        LogRestored();
        Restored?.Invoke();
    }

    [LoggerMessage(EventId = 5001, Level = LogLevel.Warning, Message = "The silo does not answer: {Reason}")]
    private partial void LogUnavailable(string reason);

    [LoggerMessage(EventId = 5002, Level = LogLevel.Information, Message = "The silo answers again")]
    private partial void LogRestored();
}

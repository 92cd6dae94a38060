using Orleans;
using Orleans.Runtime;

namespace Notebook.Embedded.Hosting;

/// <summary>One activation of a grain.</summary>
internal abstract class Activation
{
    public static Activation Of(IGrainBase grain) =>
        grain.GrainContext as Activation
        ?? throw new InvalidOperationException("Grain was created outside of the grain host, or its context is not of this host.");

    public abstract IGrainTimer AddTimer(Func<CancellationToken, Task> callback, GrainTimerCreationOptions options);

    public abstract void DelayDeactivation(TimeSpan time);
}

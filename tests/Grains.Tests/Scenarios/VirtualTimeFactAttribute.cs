namespace Notebook.Grains.Tests.Scenarios;

/// <summary>A scenario with a clock of the test's own, which only the embedded host runs by.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class VirtualTimeFactAttribute : FactAttribute
{
    public VirtualTimeFactAttribute()
    {
#if ORLEANS_HOST
        Skip = "Orleans runs in real time";
#endif
    }
}

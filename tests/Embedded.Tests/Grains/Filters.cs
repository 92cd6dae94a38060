using Orleans;
using Orleans.Runtime;

namespace Notebook.Embedded.Tests.Grains;

/// <summary>Answers "filtered" for the text "by filter", and lets everything else pass.</summary>
public sealed class SeeingFilter : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        await context.Invoke();
        if (context.MethodName == nameof(IProbeGrain.Echo) && context.Result is "by filter") context.Result = "filtered";
    }
}

/// <summary>Gives every call a value in its request context.</summary>
public sealed class StampingFilter : IOutgoingGrainCallFilter
{
    public Task Invoke(IOutgoingGrainCallContext context)
    {
        RequestContext.Set("stamp", $"stamped for {context.MethodName}");
        return context.Invoke();
    }
}

using System.Reflection;
using Orleans;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Notebook.Embedded.Hosting;

/// <summary>
/// A call on its way through the caller's filters. What leaves in the end is a second call with the same arguments,
/// so that filters see its answer, and may change it, before the caller does.
/// </summary>
internal sealed class OutgoingCall(GrainCall call, IOutgoingGrainCallFilter[] filters, Action<GrainCall> send) : IOutgoingGrainCallContext
{
    private int _next;

    public IInvokable Request => call;

    public object Grain => call.Reference!;

    public GrainId? SourceId => call.Source?.GrainId;

    public GrainId TargetId => call.Target;

    public GrainInterfaceType InterfaceType => call.Method.Interface.InterfaceType;

    public string InterfaceName => call.Method.Interface.Name;

    public string MethodName => call.Method.Method.Name;

    public MethodInfo InterfaceMethod => call.Method.Method;

    public IGrainContext? SourceContext => call.Source;

    public object? Result { get; set; }

    public async Task RunAsync()
    {
        try
        {
            await Invoke();
            call.Succeed(Result);
        }
        catch (Exception error)
        {
            call.Fail(error);
        }
    }

    public async Task Invoke()
    {
        if (_next < filters.Length)
        {
            await filters[_next++].Invoke(this);
            return;
        }

        var leaving = call.Method.NewCall(call.Target, call.Arguments);
        leaving.Source = call.Source;
        leaving.Context = RequestContext.Snapshot;
        send(leaving);
        if (call.Method.OneWay) return;
        await leaving.Answer;
        Result = leaving.Value;
    }
}

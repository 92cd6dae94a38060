using System.Reflection;
using Orleans;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Notebook.Embedded.Hosting;

/// <summary>A call on its way through the filters to the grain.</summary>
internal sealed class IncomingCall(GrainCall call, Activation activation, IIncomingGrainCallFilter[] filters) : IIncomingGrainCallContext
{
    private int _next;

    public IInvokable Request => call;

    public object Grain => activation.Instance!;

    public GrainId? SourceId => call.Source?.GrainId;

    public GrainId TargetId => call.Target;

    public GrainInterfaceType InterfaceType => call.Method.Interface.InterfaceType;

    public string InterfaceName => call.Method.Interface.Name;

    public string MethodName => call.Method.Method.Name;

    public MethodInfo InterfaceMethod => call.Method.Method;

    public MethodInfo ImplementationMethod => activation.Class.Implementation(InterfaceMethod);

    public IGrainContext TargetContext => activation;

    public object? Result { get; set; }

    public async Task<object?> RunAsync()
    {
        await Invoke();
        return Result;
    }

    public async Task Invoke()
    {
        if (_next < filters.Length) await filters[_next++].Invoke(this);
        else Result = await call.Method.InvokeAsync(activation.Instance!, call.Arguments);
    }
}

using Notebook.Embedded.Hosting;
using Orleans.Runtime;

namespace Notebook.Embedded.Client;

/// <summary>References to the grains of another process, and the observers of this one.</summary>
internal sealed class ClientGrainFactory(CallSender sender, IServiceProvider services, ObserverTable observers)
    : ReferenceFactory, IReferenceRuntime
{
    public override IServiceProvider ServiceProvider => services;

    /// <summary>The observers of this process.</summary>
    public ObserverTable Observed => observers;

    public KnownInterfaces Interfaces { get; } = new();

    protected override ObserverTable Observers => observers;

    protected override IReferenceRuntime Runtime => this;

    public void Send(GrainCall call) => sender.Send(call);

    public object MakeReference(GrainId id, Type interfaceType)
    {
        Interfaces.Add(interfaceType.Assembly);
        return References.Make(this, interfaceType, id);
    }

    /// <summary>Delivers a call to an observer of this process.</summary>
    /// <returns>False when it is for the silo.</returns>
    public bool TryDeliverHere(GrainCall call)
    {
        if (ObserverTable.ClientOf(call.Target) != observers.Client) return false;
        observers.Deliver(call);
        return true;
    }

    /// <summary>Takes a call of the silo.</summary>
    public void Receive(GrainCall call)
    {
        if (TryDeliverHere(call)) return;
        call.Fail(new ClientNotAvailableException($"{call}: it was sent to {observers.Client}, which is another client"));
    }

    // The silo knows the classes, and corrects this where a class is not named after its interface.
    protected override GrainType TypeOf(Type interfaceType, string? classNamePrefix)
    {
        if (classNamePrefix is not null) throw new NotSupportedException("a client of another process cannot choose the grain's class");
        var name = interfaceType.Name.ToLowerInvariant();
        if (name.Length > 1 && interfaceType.Name[0] == 'I' && char.IsUpper(interfaceType.Name[1])) name = name[1..];
        if (name.EndsWith("grain", StringComparison.Ordinal) && name.Length > 5) name = name[..^5];
        return GrainType.Create(name);
    }

    protected override Type InterfaceNamed(string name) =>
        Interfaces.Find(name) ?? throw new ArgumentException($"no grain interface named {name} has been used in this client");
}

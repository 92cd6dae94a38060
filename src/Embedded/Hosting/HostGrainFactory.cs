using Orleans.Runtime;

namespace Notebook.Embedded.Hosting;

/// <summary>References to the grains of a host, from inside its process.</summary>
internal sealed class HostGrainFactory(GrainHost host) : ReferenceFactory
{
    public override IServiceProvider ServiceProvider => host.Services;

    protected override ObserverTable Observers => host.Observers;

    protected override IReferenceRuntime Runtime => host;

    protected override GrainType TypeOf(Type interfaceType, string? classNamePrefix) => host.Classes.TypeOf(interfaceType, classNamePrefix);

    protected override Type InterfaceNamed(string name) =>
        host.Classes.Interfaces.Find(name) ?? throw new ArgumentException($"no grain interface named {name} in this host");
}

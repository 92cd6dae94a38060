using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace Notebook.Embedded.Hosting;

/// <summary>Holds the activation of a service scope.</summary>
internal sealed class GrainContextAccessor : IGrainContextAccessor
{
    private IGrainContext? _context;

    public IGrainContext GrainContext => _context ?? throw new InvalidOperationException("this service scope is not an activation's");

    public static void Set(IServiceProvider services, IGrainContext context) =>
        ((GrainContextAccessor)services.GetRequiredService<IGrainContextAccessor>())._context = context;
}

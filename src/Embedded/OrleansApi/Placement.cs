using Orleans.Placement;
using Orleans.Runtime;

// Placement means something where there is more than one silo. Here every grain is on the one host there is:
// the attributes are accepted and change nothing.
namespace Orleans.Runtime
{
    /// <summary>Says on which silo a grain is activated (Orleans only).</summary>
    public abstract class PlacementStrategy;

    /// <summary>On the caller's silo, where it can.</summary>
    public sealed class PreferLocalPlacement : PlacementStrategy;

    /// <summary>On any silo.</summary>
    public sealed class RandomPlacement : PlacementStrategy;

    /// <summary>On the silo that the key's hash names.</summary>
    public sealed class HashBasedPlacement : PlacementStrategy;

    /// <summary>On the silo with the fewest activations.</summary>
    public sealed class ActivationCountBasedPlacement : PlacementStrategy;

    /// <summary>On the silo with the most room.</summary>
    public sealed class ResourceOptimizedPlacement : PlacementStrategy;

    internal sealed class StatelessWorkerPlacement : PlacementStrategy;
}

namespace Orleans.Placement
{
    /// <summary>Gives a grain class its placement strategy.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public abstract class PlacementAttribute : Attribute
    {
        /// <summary>With this strategy.</summary>
        protected PlacementAttribute(PlacementStrategy placement)
        {
            ArgumentNullException.ThrowIfNull(placement);
            PlacementStrategy = placement;
        }

        /// <summary>The strategy.</summary>
        public PlacementStrategy PlacementStrategy { get; }
    }

    /// <summary>See <see cref="PreferLocalPlacement"/>.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class PreferLocalPlacementAttribute() : PlacementAttribute(new PreferLocalPlacement());

    /// <summary>See <see cref="RandomPlacement"/>.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class RandomPlacementAttribute() : PlacementAttribute(new RandomPlacement());

    /// <summary>See <see cref="HashBasedPlacement"/>.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class HashBasedPlacementAttribute() : PlacementAttribute(new HashBasedPlacement());

    /// <summary>See <see cref="ActivationCountBasedPlacement"/>.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class ActivationCountBasedPlacementAttribute() : PlacementAttribute(new ActivationCountBasedPlacement());

    /// <summary>See <see cref="ResourceOptimizedPlacement"/>.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class ResourceOptimizedPlacementAttribute() : PlacementAttribute(new ResourceOptimizedPlacement());
}

namespace Orleans.Concurrency
{
    /// <summary>Marks a grain without state; this host gives it one activation like any other.</summary>
    [AttributeUsage(AttributeTargets.Class)]
    public sealed class StatelessWorkerAttribute : PlacementAttribute
    {
        /// <summary>With the default number of workers.</summary>
        public StatelessWorkerAttribute() : base(new StatelessWorkerPlacement())
        {
        }

        /// <summary>With this many workers on a silo.</summary>
        public StatelessWorkerAttribute(int maxLocalWorkers) : base(new StatelessWorkerPlacement()) => _ = maxLocalWorkers;

        /// <summary>With this many workers on a silo.</summary>
        public StatelessWorkerAttribute(int maxLocalWorkers, bool removeIdleWorkers) : this(maxLocalWorkers) => _ = removeIdleWorkers;
    }
}

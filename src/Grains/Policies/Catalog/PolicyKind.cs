using Microsoft.Extensions.DependencyInjection;
using Notebook.Grains.Policies.Guards;

namespace Notebook.Grains.Policies.Catalog;

/// <summary>A kind of decision for which operators pick a policy and developers write others. All of them are in <see cref="PolicyKinds"/>.</summary>
public abstract class PolicyKind
{
    private protected PolicyKind(string name, string decides) => (Name, Decides) = (name, decides);

    /// <summary>Its word on command lines, such as <c>placement</c>.</summary>
    public string Name { get; }

    /// <summary>What is decided, for operators.</summary>
    public string Decides { get; }

    /// <summary>The interface that its policies implement.</summary>
    public abstract Type Contract { get; }

    /// <summary>Those of the platform; the first is the default.</summary>
    public abstract ImmutableArray<KnownPolicy> BuiltIn { get; }

    /// <summary>What decides when nobody chose, and instead of a plug-in that fails.</summary>
    public KnownPolicy Default => BuiltIn[0];

    /// <summary>The choice of a policy of this kind, as <c>KIND=NAME</c>; none of null.</summary>
    public ImmutableArray<string> Chosen(string? name) => name is null ? [] : [$"{Name}={name}"];

    /// <summary>A plug-in's policy with <paramref name="guard"/> in front, and the default for when it fails.</summary>
    internal abstract IPolicy Guarded(IPolicy plugin, PolicyGuard guard);

    /// <summary>Makes the policy in use available to grains, under its interface.</summary>
    internal abstract void AddTo(IServiceCollection services);

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>A kind whose policies implement <typeparamref name="T"/>.</summary>
/// <typeparam name="T">The interface.</typeparam>
public sealed class PolicyKind<T> : PolicyKind
    where T : class, IPolicy
{
    private readonly Func<T, T, PolicyGuard, T> _guarded;

    /// <param name="name">Its word on command lines.</param>
    /// <param name="decides">What is decided.</param>
    /// <param name="guarded">Puts a guard in front of a plug-in's policy (first), with a built-in one (second) for when it fails.</param>
    /// <param name="offers">The built-in ones, the default first.</param>
    internal PolicyKind(string name, string decides, Func<T, T, PolicyGuard, T> guarded, params ReadOnlySpan<PolicyOffer<T>> offers)
        : base(name, decides)
    {
        _guarded = guarded;
        var known = ImmutableArray.CreateBuilder<KnownPolicy>(offers.Length);
        foreach (var offer in offers) known.Add(new KnownPolicy(this, offer.Name, offer.Description, KnownPolicy.BuiltInOrigin, offer.Option, offer.Make));
        BuiltIn = known.MoveToImmutable();
    }

    /// <inheritdoc/>
    public override Type Contract => typeof(T);

    /// <inheritdoc/>
    public override ImmutableArray<KnownPolicy> BuiltIn { get; }

    internal override IPolicy Guarded(IPolicy plugin, PolicyGuard guard) => _guarded((T)plugin, (T)Default.Make(null), guard);

    internal override void AddTo(IServiceCollection services) =>
        services.AddSingleton(provider => (T)provider.GetRequiredService<PoliciesInUse>().Of(this));
}

/// <summary>A built-in policy.</summary>
/// <param name="Name">By which it is picked.</param>
/// <param name="Description">What it does, in one line.</param>
/// <param name="Make">Makes it of its option, null when it takes none; throws <see cref="FormatException"/> with a line that says what it must be.</param>
/// <param name="Option">What its option is, such as <c>MINUTES</c>, without which it cannot be picked; null when it takes none.</param>
/// <typeparam name="T">The interface.</typeparam>
internal sealed record PolicyOffer<T>(string Name, string Description, Func<string?, T> Make, string? Option = null)
    where T : class, IPolicy;

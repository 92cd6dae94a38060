namespace Notebook.Simulator.Results;

/// <summary>
/// What GPU time costs the one who runs the platform and what users pay for it. Prices are in any one currency; by default the
/// provider's price of a GPU-hour is the unit.
/// </summary>
/// <param name="ProviderPerGpuHour">What a GPU-hour of a server costs, in use or not; not negative.</param>
/// <param name="UseFactor">What users pay for a GPU-hour that is leased to them, in provider's prices; not negative.</param>
/// <param name="StandbyFactor">
/// What they pay for a GPU-hour that is promised to their replicas and not leased, in provider's prices; not negative.
/// </param>
public sealed record PriceModel(double ProviderPerGpuHour = 1, double UseFactor = 1.15, double StandbyFactor = 0.125)
{
    /// <summary>What a run costs and earns.</summary>
    public Billing Bill(RunFacts facts)
    {
        var leased = facts.Series.LeasedGpus.HoursUntil(facts.End);
        var standby = facts.Series.PromisedGpus
            .With(facts.Series.LeasedGpus, (promised, inUse) => Math.Max(0, promised - inUse))
            .HoursUntil(facts.End);
        return new Billing(
            standby,
            Cost: ProviderPerGpuHour * facts.Series.ProvisionedGpus.HoursUntil(facts.End),
            Revenue: ProviderPerGpuHour * (UseFactor * leased + StandbyFactor * standby));
    }
}

/// <summary>What a run costs and earns, in the currency of the price model.</summary>
/// <param name="StandbyGpuHours">GPU-hours promised to replicas and not leased.</param>
/// <param name="Cost">What the provider takes for the servers.</param>
/// <param name="Revenue">What users pay.</param>
public sealed record Billing(double StandbyGpuHours, double Cost, double Revenue)
{
    /// <summary>Revenue that is left after the cost.</summary>
    public double Profit => Revenue - Cost;

    /// <summary>What is left as a share of the revenue; null where there is none.</summary>
    public double? Margin => Revenue == 0 ? null : Profit / Revenue;
}

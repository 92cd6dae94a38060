using System.Text.Encodings.Web;
using System.Text.Json;
using Notebook.Simulator.Results;

namespace Notebook.Simulator.Reports;

/// <summary>
/// Writes <c>result.json</c>: an array with one object for each run, in the order given. It has no time of day and no path, and the
/// same facts give the same bytes. What cannot be said, such as a percentile of no cells, is null.
/// </summary>
public static class ResultJson
{
    // Six decimals are a micro-GPU-hour and a microsecond; what is behind them is the rounding of sums.
    private const int Decimals = 6;

    // Nothing of it goes into a page, so that a plus sign may stay one.
    private static readonly JsonWriterOptions s_options = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes the results.</summary>
    public static void Write(IEnumerable<RegimeResult> results, Stream to)
    {
        using (var json = new Utf8JsonWriter(to, s_options))
        {
            json.WriteStartArray();
            foreach (var result in results) Write(json, result);
            json.WriteEndArray();
        }
        to.WriteByte((byte)'\n');
    }

    private static void Write(Utf8JsonWriter json, RegimeResult result)
    {
        var facts = result.Facts;
        json.WriteStartObject();
        json.WriteString("regime", facts.Regime);
        json.WriteString("label", facts.Name);
        json.WriteString("trace", facts.Trace);
        json.WriteString("window", facts.Window?.ToString());
        json.WriteNumber("seed", facts.Seed);
        json.WriteBoolean("is_partial", facts.IsPartial);
        Number(json, "hours", facts.End.TotalHours);
        json.WriteNumber("replicas_per_kernel", facts.ReplicasPerKernel);
        Texts(json, "policies", facts.Policies);
        Texts(json, "parameters", facts.Parameters);
        Hours(json, result);
        Write(json, "interactivity_delay_s", result.InteractivityDelay);
        Write(json, "task_completion_s", result.TaskCompletion);
        Cells(json, result);
        Write(json, "subscription_ratio", result.SubscriptionRatio, facts.End);
        Write(json, "provisioned_gpus", facts.Series.ProvisionedGpus, facts.End);
        Write(json, "servers", facts.Series.Servers, facts.End);
        Write(json, "sessions", facts.Series.Sessions, facts.End);
        Write(json, "running_cells", facts.Series.RunningCells, facts.End);
        Write(json, "queue_length", facts.Series.QueueLength, facts.End);
        json.WriteStartObject("counters");
        foreach (var counter in facts.Counters) json.WriteNumber(counter.Name, counter.Count);
        json.WriteEndObject();
        Bill(json, result);
        json.WriteEndObject();
    }

    private static void Hours(Utf8JsonWriter json, RegimeResult result)
    {
        Number(json, "busy_gpu_hours", result.BusyGpuHours);
        Number(json, "leased_gpu_hours", result.LeasedGpuHours);
        Number(json, "provisioned_gpu_hours", result.ProvisionedGpuHours);
        Number(json, "reserved_gpu_hours", result.ReservedGpuHours);
        Number(json, "saved_gpu_hours", result.SavedGpuHours);
        Number(json, "oracle_saved_gpu_hours", result.OracleSavedGpuHours);
        Number(json, "saved_share_of_oracle", result.SavedShare);
    }

    private static void Cells(Utf8JsonWriter json, RegimeResult result)
    {
        json.WriteStartObject("cells");
        json.WriteNumber("submitted", result.Facts.Cells.Length);
        foreach (var (end, cells) in result.Outcomes) json.WriteNumber(JsonNamingPolicy.SnakeCaseLower.ConvertName(end.ToString()), cells);
        json.WriteEndObject();
        Number(json, "share_immediate", result.ShareImmediate);
        Number(json, "share_same_executor", result.ShareSameExecutor);
        Number(json, "fairness_jain", result.Fairness);
    }

    private static void Bill(Utf8JsonWriter json, RegimeResult result)
    {
        json.WriteStartObject("prices");
        Number(json, "provider_per_gpu_hour", result.Prices.ProviderPerGpuHour);
        Number(json, "use_factor", result.Prices.UseFactor);
        Number(json, "standby_factor", result.Prices.StandbyFactor);
        json.WriteEndObject();
        json.WriteStartObject("billing");
        Number(json, "standby_gpu_hours", result.Billing.StandbyGpuHours);
        Number(json, "cost", result.Billing.Cost);
        Number(json, "revenue", result.Billing.Revenue);
        Number(json, "profit", result.Billing.Profit);
        Number(json, "margin", result.Billing.Margin);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, Distribution values)
    {
        json.WriteStartObject(name);
        json.WriteNumber("count", values.Count);
        Number(json, "min", values.Min);
        foreach (var percent in (ReadOnlySpan<int>)[50, 75, 90, 95, 99]) Number(json, $"p{percent}", values.Percentile(percent));
        Number(json, "max", values.Max);
        Number(json, "mean", values.Mean);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, StepSeries series, TimeSpan end)
    {
        json.WriteStartObject(name);
        Number(json, "mean", series.MeanUntil(end));
        Number(json, "max", series.MaxUntil(end));
        json.WriteEndObject();
    }

    private static void Texts(Utf8JsonWriter json, string name, IEnumerable<RunParameter> values)
    {
        json.WriteStartObject(name);
        foreach (var value in values) json.WriteString(value.Name, value.Value);
        json.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number)) json.WriteNumber(name, Math.Round(number, Decimals) + 0.0);
        else json.WriteNull(name);
    }
}

using Notebook.Simulator.Traces;

namespace Notebook.Simulator.Tests.Traces;

/// <summary>The excerpt of the real trace in samples/traces.</summary>
internal static class Excerpt
{
    internal static string File => Path.Combine(AppContext.BaseDirectory, "Samples", "idlt-excerpt.csv");

    internal static Trace Read() => ((TraceReading.Read)TraceReader.ReadFile(File, new TraceRules())).Trace;
}

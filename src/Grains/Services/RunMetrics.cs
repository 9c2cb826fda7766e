using System.Diagnostics.Metrics;
using Agora.Core.Kernel;
using Agora.Core.Services;

namespace Agora.Grains.Services;

/// <summary>Runs whose service was called, by outcome: succeeded, or the code of the failure; or cached, where another run's output was the answer. What was refused before is counted with the refusals.</summary>
internal static class RunMetrics
{
    private static readonly Meter Meter = new("Agora.Runs");
    private static readonly Counter<long> Runs = Meter.CreateCounter<long>("agora.runs", description: "Runs whose service was called, by outcome");

    public static void Count(StepOutcome outcome) =>
        Runs.Add(1, new KeyValuePair<string, object?>("outcome", outcome is ServiceOutcome.CallFailed failed ? failed.Code : "succeeded"));

    public static void CountCached() => Runs.Add(1, new KeyValuePair<string, object?>("outcome", "cached"));
}

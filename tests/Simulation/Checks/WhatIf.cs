using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Replay;
using Agora.Replay.Reading;

namespace Agora.Simulation.Checks;

/// <summary>
/// Recorded history, decided anew: under changes that bind nobody the deciders refuse nothing, from whatever moment on; under those
/// that allow nothing, all that was paid; and under any in between history still replays.
/// </summary>
public sealed class WhatIf(History history, PolicyReplayer replayer, Findings findings)
{
    private const int Moments = 3;
    private static readonly PolicyChange Nothing = new(null, null, null, null, null, null, null);

    private static readonly PolicyChange BindsNobody = Nothing with
    {
        DailyCapMicros = Limits.MaxMicros, MonthlyCapMicros = Limits.MaxMicros, TotalLimitMicros = Limits.MaxMicros, BudgetLimitMicros = Limits.MaxMicros, Categories = ["*"],
    };

    /// <summary>Of the tenant whose history is decided anew.</summary>
    private IEnumerable<StreamLog> Streams => history.Streams.Values.Where(log => log.Stream.Tenant == StreamId.DefaultTenant);

    public async Task Check()
    {
        var requests = Streams.SelectMany(s => s.Events).Where(c => c.Event is RunEvent.Requested).Select(c => c.At).Order().ToList();
        var paid = Streams.SelectMany(s => s.Events).Select(c => c.Event).OfType<RunEvent.Concluded>().Sum(e => e.AmountMicros);
        for (var moment = 0; moment < Moments && requests.Count > 0; moment++)
        {
            var from = requests[moment * requests.Count / Moments];
            var report = await Replay(from, BindsNobody);
            var run = report?.Refused.FirstOrDefault();
            findings.Expect(run is null, $"Decided anew from {from:O} on, run {run?.RunId} of {run?.SessionId} is refused by {run?.By}: {run?.Reason}.");
            findings.Expect(report is null || report.Runs == requests.Count(at => at >= from), $"{report?.Runs} runs are decided anew, not {requests.Count(at => at >= from)}.");
        }

        var nothing = await Replay(DateTimeOffset.UnixEpoch, Nothing with { DailyCapMicros = 0 });
        findings.Expect(nothing is null || nothing.PaidMicros == paid, $"A cap of nothing would have refused {nothing?.PaidMicros} of the {paid} that were paid.");
        foreach (var half in new[] { Nothing with { BudgetLimitMicros = 100_000 }, Nothing with { TotalLimitMicros = 100_000 }, Nothing with { MonthlyCapMicros = 300_000, BudgetLimitMicros = 200_000 } })
        {
            var some = await Replay(requests.ElementAtOrDefault(requests.Count / 2), half);
            findings.Expect(some is null || some.PaidMicros <= paid, $"More would have been refused than was paid: {some?.PaidMicros} of {paid}.");
        }
    }

    private async Task<ReplayReport?> Replay(DateTimeOffset from, PolicyChange change)
    {
        try
        {
            return await replayer.Run(Core.Kernel.Tenant.Default, new(from, DateTimeOffset.MaxValue, [change], null, 0, Limits.PageMax), CancellationToken.None);
        }
        catch (Exception broken) when (broken is not OutOfMemoryException)
        {
            findings.Add($"History cannot be decided anew: {broken}");
            return null;
        }
    }
}

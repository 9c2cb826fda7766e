using System.Diagnostics.Metrics;

namespace Agora.Journal;

/// <summary>Meter "Agora.Journal". One for the process: what an operator watches is the store, not a committer.</summary>
internal static class CommitterMetrics
{
    private static readonly Meter Meter = new("Agora.Journal");

    private static readonly Histogram<int> BatchRows = Meter.CreateHistogram<int>("agora.journal.batch.rows", "{row}", "Rows (and head checks) of a batch");
    private static readonly Histogram<int> BatchEntries = Meter.CreateHistogram<int>("agora.journal.batch.entries", "{entry}", "Entries of a batch");
    private static readonly Histogram<double> CommitSeconds = Meter.CreateHistogram<double>("agora.journal.commit.duration", "s", "From sending a batch until its fate is known");
    private static readonly UpDownCounter<int> QueueEntries = Meter.CreateUpDownCounter<int>("agora.journal.queue.entries", "{entry}", "Entries queued or in flight");
    private static readonly Counter<int> Outcomes = Meter.CreateCounter<int>("agora.journal.outcomes", "{row}", "Rows and head checks by outcome");
    private static readonly Counter<int> Failures = Meter.CreateCounter<int>("agora.journal.failures", "{call}", "Calls that the store did not carry out, or did not answer");
    private static readonly Counter<int> Resent = Meter.CreateCounter<int>("agora.journal.resent", "{batch}", "Batches sent again because their fate was unknown");

    /// <summary>With the first committer: a series that appears with its first conflict has no rise that an alert could see.</summary>
    public static void Begin()
    {
        QueueEntries.Add(0);
        Resent.Add(0);
        Failures.Add(0);
        foreach (var status in Enum.GetValues<AppendStatus>().Append(default)) // the last is a defect
        {
            Outcomes.Add(0, new KeyValuePair<string, object?>("outcome", Name(status)));
        }
    }

    public static void Queued(int entries) => QueueEntries.Add(entries);

    public static void BatchResent() => Resent.Add(1);

    /// <summary>The store is away, or was for this call: reads count as writes do.</summary>
    public static void Failed() => Failures.Add(1);

    public static void Committed(int rows, int entries, TimeSpan took)
    {
        BatchRows.Record(rows);
        BatchEntries.Record(entries);
        CommitSeconds.Record(took.TotalSeconds);
    }

    public static void Outcome(AppendStatus status)
    {
        if (Outcomes.Enabled)
        {
            Outcomes.Add(1, new KeyValuePair<string, object?>("outcome", Name(status)));
        }
    }

    private static string Name(AppendStatus status) => status switch
    {
        AppendStatus.Written => "written",
        AppendStatus.Conflict => "conflict",
        AppendStatus.KeyTaken => "key_taken",
        AppendStatus.ClockAhead => "clock_ahead",
        AppendStatus.Unavailable => "unavailable",
        AppendStatus.Overloaded => "overloaded",
        _ => "defect",
    };
}

namespace Agora.Replay.Checking;

/// <summary>What was looked at.</summary>
public sealed record CheckReport
{
    public long Streams { get; init; }

    public long Rows { get; init; }

    public long Entries { get; init; }

    public long Events { get; init; }

    public long Holds { get; init; }

    public long OpenHolds { get; init; }

    public long Runs { get; init; }

    public long Transfers { get; init; }

    /// <summary>Sent, and not there at the moment that was read.</summary>
    public long TransfersInTransit { get; init; }

    public long InTransitMicros { get; init; }

    /// <summary>By x402.</summary>
    public long Payments { get; init; }

    public long Tables { get; init; }

    /// <summary>Of query tables, each compared with what the journal makes of it.</summary>
    public long TableRows { get; init; }

    /// <summary>The time of the last entry; null: there is none.</summary>
    public DateTimeOffset? UpTo { get; init; }

    public long Violations { get; init; }
}

/// <summary>How far a check is.</summary>
/// <param name="Phase">What is done now.</param>
/// <param name="Part">Of it, from 0 to 1.</param>
/// <param name="Rows">Of the journal, so far.</param>
public readonly record struct CheckProgress(string Phase, double Part, long Rows);

namespace Agora.Replay.Checking;

/// <summary>What is checked, by the name under which it is reported; docs/operations.md says each in a sentence.</summary>
public static class Rules
{
    public const string Chain = "chain";
    public const string Replays = "replays";
    public const string Books = "books";
    public const string Holds = "holds";
    public const string Runs = "runs";
    public const string Transfers = "transfers";
    public const string Payments = "payments";
    public const string Sums = "sums";
    public const string Tables = "tables";

    public static IReadOnlyList<string> All { get; } = [Chain, Replays, Books, Holds, Runs, Transfers, Payments, Sums, Tables];
}

/// <summary>A rule that does not hold.</summary>
/// <param name="Stream">Null: it is of no one stream.</param>
/// <param name="Seq">The row at which it shows; 0: no one row.</param>
public sealed record Violation(string? Stream, long Seq, string Rule, string What);

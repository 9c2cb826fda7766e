namespace Agora.Cli.Checks;

internal enum Verdict
{
    Good,
    Unknown,
    Off,
    Bad,
}

/// <summary>What was checked, its verdict and, if something is wrong, how to fix it.</summary>
internal sealed record Finding(string What, Verdict Verdict, string Says, string? Mend = null)
{
    public static Finding Good(string what, string says) => new(what, Verdict.Good, says);

    public static Finding Unknown(string what, string says) => new(what, Verdict.Unknown, says);

    /// <summary>It is not set up, which is no fault.</summary>
    public static Finding Off(string what, string says) => new(what, Verdict.Off, says);

    public static Finding Bad(string what, string says, string mend) => new(what, Verdict.Bad, says, mend);
}

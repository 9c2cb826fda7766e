namespace Agora.Api.Admin.Checks;

/// <summary>Something that a process rests on besides its journal, looked at when an operator asks. It answers within seconds whatever is away, and asks nobody else more often than each half minute.</summary>
public interface ICheckup
{
    /// <summary>The name in the report.</summary>
    string Name { get; }

    Task<Checked> Look(CancellationToken cancel);
}

/// <param name="Name">What was looked at.</param>
/// <param name="Mend">What an operator does about it; null: nothing is to be done.</param>
public sealed record Checked(string Name, CheckState State, string Says, string? Mend = null);

public enum CheckState
{
    Well,
    Unwell,

    /// <summary>It is not set up here.</summary>
    Off,
}

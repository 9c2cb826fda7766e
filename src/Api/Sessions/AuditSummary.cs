namespace Agora.Api.Sessions;

/// <summary>What was asked for, by name: ids of the path, and who did it where that was no agent. It has no personal value, for what is stored has none.</summary>
internal static class AuditSummary
{
    private const string AboveRate = " or more requests above the rate";

    /// <summary>A row has it as <c>name=value</c>, with blanks between: no id has one. It is cut to its most characters, so the last may be cut too.</summary>
    public static IReadOnlyDictionary<string, string> Of(string stored)
    {
        var members = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        if (stored.EndsWith(AboveRate, StringComparison.Ordinal))
        {
            members.Add("requests_above_rate", stored[..^AboveRate.Length]);
            return members;
        }

        foreach (var part in stored.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.IndexOf('=', StringComparison.Ordinal) is > 0 and var end)
            {
                members[part[..end]] = part[(end + 1)..];
            }
        }

        return members;
    }
}

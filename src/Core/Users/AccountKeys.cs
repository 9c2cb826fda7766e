using Agora.Core.Kernel;

namespace Agora.Core.Users;

/// <summary>Stored names of a user's accounts. Days and months are the user's own, fixed when a run is reserved.</summary>
public static class AccountKeys
{
    private const string DayPrefix = "day:";
    private const string MonthPrefix = "month:";
    private const string RunsPrefix = "runs:";
    private const string MicrosPrefix = "micros:";
    private const string GrantPrefix = "grant:";

    private static readonly DateNames DayNames = new($"'{DayPrefix}'yyyy-MM-dd");
    private static readonly DateNames MonthNames = new($"'{MonthPrefix}'yyyy-MM");

    /// <summary>No place on Earth is still in a day that ended in UTC this long ago (UTC−12), so nobody's cap is forgotten by a change of zone.</summary>
    private static readonly TimeSpan PastEverywhere = TimeSpan.FromHours(36);

    private static readonly int DayLength = DayPrefix.Length + "yyyy-MM-dd".Length;
    private static readonly int MonthLength = MonthPrefix.Length + "yyyy-MM".Length;

    public static string Grant(string agentId) => GrantPrefix + agentId;

    /// <summary>What a service, or all services of a category, came to in a day or a month of the user's.</summary>
    /// <param name="period">A day's or a month's key.</param>
    /// <param name="part">A kind and a name, as <see cref="PartCap"/> has them.</param>
    public static string Of(string period, string part) => $"{period}:{part}";

    /// <summary>Null: it is no part of a day or a month.</summary>
    public static string? PartOf(string key) =>
        key.Length > DayLength && HasDayPrefix(key) ? key[(DayLength + 1)..]
        : key.Length > MonthLength && HasMonthPrefix(key) ? key[(MonthLength + 1)..]
        : null;

    /// <summary>Of a part: its day counts there, and not its month.</summary>
    public static bool IsPartOfDay(string key) => HasDayPrefix(key);

    public static string Day(DateTime local) => DayNames.Of(local);

    public static string Month(DateTime local) => MonthNames.Of(local);

    /// <summary>The month of a day, where both are of one zone.</summary>
    public static string MonthOf(string dayKey) => MonthPrefix + dayKey.Substring(DayPrefix.Length, "yyyy-MM".Length);

    /// <summary>Counts runs, one unit each.</summary>
    public static string Runs(string campaignId) => RunsPrefix + campaignId;

    public static string Micros(string campaignId) => MicrosPrefix + campaignId;

    /// <summary>A limit of the user's or a grant's; else it is what a campaign gives this user.</summary>
    public static bool IsLimit(string key) => !CountsRuns(key) && !key.StartsWith(MicrosPrefix, StringComparison.Ordinal);

    /// <summary>A hold's line on it is one run, spent whole whatever the run came to.</summary>
    public static bool CountsRuns(string key) => key.StartsWith(RunsPrefix, StringComparison.Ordinal);

    public static string AgentOf(string grantKey) => grantKey[GrantPrefix.Length..];

    public static bool IsGrant(string key) => key.StartsWith(GrantPrefix, StringComparison.Ordinal);

    /// <summary>Of all that is spent then, no part of it.</summary>
    public static bool IsDay(string key) => key.Length == DayLength && HasDayPrefix(key);

    /// <inheritdoc cref="IsDay"/>
    public static bool IsMonth(string key) => key.Length == MonthLength && HasMonthPrefix(key);

    public static bool IsPast(string key, DateTimeOffset at)
    {
        var utc = at.UtcDateTime - PastEverywhere;
        return (HasDayPrefix(key) && string.CompareOrdinal(key, Day(utc)) < 0) || (HasMonthPrefix(key) && string.CompareOrdinal(key, Month(utc)) < 0);
    }

    private static bool HasDayPrefix(string key) => key.StartsWith(DayPrefix, StringComparison.Ordinal);

    private static bool HasMonthPrefix(string key) => key.StartsWith(MonthPrefix, StringComparison.Ordinal);
}

using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Agora.Fuzz.Grammar;

/// <summary>
/// Ids that name something, tokens that open something: what replies gave away, and a few names that requests share, so that inputs meet what
/// earlier ones made. Bounded: of each kind 64, of which a new one replaces any.
/// </summary>
internal sealed partial class Known
{
    private const int Most = 64;
    private readonly ConcurrentDictionary<string, string[]> _values = new(StringComparer.Ordinal);

    public Known()
    {
        Seed("campaign_id", "morning-coffee-survey", 12);
        Seed("service_id", "text-summary", 12);
        Seed("agent_id", "agent-0", 24);
        Seed("user_id", "user-0", 48);
        Seed("wallet_id", "agent:agent-0", 24);
        _values["token"] = [];
        _values["session_token"] = [];
        _values["link"] = ["apv_00000000-0000-0000-0000-000000000000.s.1893456000.AAAA"];
    }

    public string? Any(string kind, Random random) => _values.TryGetValue(kind, out var values) && values.Length > 0 ? values[random.Next(values.Length)] : null;

    /// <summary>Of a path's or a body's member; a name that nothing is known by gets one that nothing has.</summary>
    public string Id(string name, Random random) => Any(name, random) ?? (name.EndsWith("_id", StringComparison.Ordinal) && random.Next(2) == 0 ? Any("run_id", random) : null) ?? Guid.NewGuid().ToString();

    public void Learn(string reply, Random random)
    {
        foreach (Match match in Given().Matches(reply))
        {
            var kind = match.Groups["kind"].Value;
            var value = match.Groups["value"].Value;
            var slash = value.LastIndexOf('/');
            Keep(kind, kind == "link" ? value[(slash + 1)..] : value, random);
        }
    }

    public void Keep(string kind, string value, Random random) => _values.AddOrUpdate(
        kind,
        static (_, given) => [given.Value],
        static (_, values, given) => values.Contains(given.Value) ? values : values.Length < Most ? [.. values, given.Value] : With(values, given.Place, given.Value),
        (Value: value, Place: random.Next(Most)));

    private static string[] With(string[] values, int place, string value)
    {
        var copy = values.ToArray();
        copy[place] = value;
        return copy;
    }

    private void Seed(string kind, string first, int count)
    {
        var stem = first[..first.LastIndexOfAny(['-', ':', '0'])].TrimEnd('-');
        _values[kind] = [first, .. Enumerable.Range(1, count - 1).Select(n => $"{stem}-{n}")];
    }

    [GeneratedRegex("\"(?<kind>run_id|payment_id|session_id|completion_id|reward_id|key_id|session_token|token|link)\":\"(?<value>[^\"]{1,300})\"")]
    private static partial Regex Given();
}

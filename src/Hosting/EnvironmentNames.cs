using System.Text.RegularExpressions;

namespace Agora.Hosting;

/// <summary>
/// The environment's names that look like settings of ours. One that is none is refused: it would be a limit, or an address, that somebody believes is set.
/// Let through are the names that Kubernetes gives containers for Services called <c>agora…</c>, those of our own compose files, and those of the command line, which are exported where both are used.
/// </summary>
internal static partial class EnvironmentNames
{
    private const string Prefix = "AGORA_";
    private static readonly string[] OfCompose = ["AGORA_VERSION", "AGORA_WAL"];
    private static readonly string[] OfCommandLine = ["AGORA_GPT_KEY", "AGORA_PROFILE", "AGORA_TIMEOUT_SECONDS", "AGORA_TOKEN", "AGORA_URL"];

    // A name of two words has to be met nearly, to be taken for a misspelt one of ours.
    private const int NearEnough = 2;

    /// <param name="given">Names that have a value.</param>
    /// <exception cref="SettingException">One of them is no setting.</exception>
    public static void Check(IEnumerable<string> given)
    {
        var known = AgoraSettings.Names();
        foreach (var name in given.Where(n => !known.Contains(n) && !IsForeign(n)).Order(StringComparer.Ordinal))
        {
            var (nearest, distance) = known.Select(k => (Name: k, Distance: Distance(k, name))).OrderByDescending(k => k.Name.StartsWith(name + "_", StringComparison.OrdinalIgnoreCase)).ThenBy(k => k.Distance).ThenBy(k => k.Name, StringComparer.Ordinal).First();
            if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) || distance <= NearEnough)
            {
                throw new SettingException($"{name} is not a setting; did you mean {nearest}?");
            }
        }
    }

    private static bool IsForeign(string name) => OfCompose.Contains(name) || OfCommandLine.Contains(name) || OfServiceLinks().IsMatch(name);

    // Levenshtein's: letters put in, left out or exchanged.
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var (diagonal, _) = (row[0], row[0] = i);
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]) ? 0 : 1;
                (diagonal, row[j]) = (row[j], Math.Min(diagonal + cost, Math.Min(row[j], row[j - 1]) + 1));
            }
        }

        return row[^1];
    }

    // https://kubernetes.io/docs/tutorials/services/connect-applications-service/#environment-variables
    [GeneratedRegex("^AGORA(_[A-Z0-9_]+)?_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$")]
    private static partial Regex OfServiceLinks();
}

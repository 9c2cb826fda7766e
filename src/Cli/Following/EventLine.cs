using System.Globalization;
using System.Text.Json;
using Agora.Cli.Output;

namespace Agora.Cli.Following;

/// <summary>An event as a line: when, what, about whom, and what became of it; cut to what the terminal shows.</summary>
internal static class EventLine
{
    private const int TypeWidth = 26;

    /// <summary>What says most, first.</summary>
    private static readonly string[] First = ["service_id", "campaign_id", "agent_id", "user_id", "wallet_id", "webhook_id", "amount_cents", "reward_cents", "failure_code", "limit", "percent", "source", "payer"];

    /// <summary>Where the rest is read, and what stands in the line's beginning.</summary>
    private static readonly string[] Left = ["subject", "sequence", "link", "state"];

    public static string Of(JsonElement happened, Terminal terminal, string? after = null)
    {
        var at = happened.GetProperty("timestamp").GetDateTimeOffset().ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        return Cut($"{at} {Plain.Text(happened.GetProperty("type")),-TypeWidth} {after}{About(happened.GetProperty("data"))}".TrimEnd(), terminal.Width);
    }

    private static string About(JsonElement data)
    {
        var members = data.EnumerateObject().Where(member => !Left.Contains(member.Name) && member.Value.ValueKind is not JsonValueKind.Null).ToList();
        var ordered = members.OrderBy(member => Array.IndexOf(First, member.Name) is >= 0 and var place ? place : First.Length);
        return string.Join("  ", ordered.Select(Told).Append(Plain.Text(data.GetProperty("subject"))));
    }

    private static string Told(JsonProperty member)
    {
        var value = Plain.Text(member.Value);
        return member.Name == "amount_cents" ? $"{value} cents"
            : member.Name.EndsWith("_cents", StringComparison.Ordinal) ? $"{value} cents {member.Name[..^"_cents".Length].Replace('_', ' ')}"
            : member.Name.EndsWith("_id", StringComparison.Ordinal) ? $"{member.Name[..^"_id".Length]} {value}"
            : member.Name == "percent" ? $"{value} %"
            : $"{member.Name.Replace('_', ' ')} {value}";
    }

    /// <param name="width">Null: nobody looks at it.</param>
    private static string Cut(string line, int? width) => width is > 20 and var most ? Grid.Cut(line, most) : line;
}

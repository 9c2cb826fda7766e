using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Agora.Cli.Calls;
using Agora.Cli.Output;
using Agora.Cli.Profiles;

namespace Agora.Cli.Watching;

/// <summary>
/// agora watch: what agents do, a line each, as the operators' audit has it. It is asked for what is new since the last look and a little before, for an entry may come a moment after a later one;
/// none is shown twice.
/// </summary>
internal static class WatchCommand
{
    private const int Kept = 10_000;
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(5);

    public static Command Of(Terminal terminal)
    {
        var each = new Option<int>("--every") { Description = "Seconds between two looks.", DefaultValueFactory = _ => 1 };
        var looks = new Option<int?>("--looks") { Description = "End after so many looks; absent: not before it is interrupted." };
        var command = new Command("watch", "Show what agents do as it happens: time, agent, user, operation and how it was answered.") { each, looks };
        command.SetAction(async (parsed, cancel) =>
        {
            var profile = new Profile(parsed.GetValue(CallOptions.Server), null, null, null).Over(new ProfileStore(terminal).Effective(parsed.GetValue(CallOptions.Profile)));
            if (parsed.GetValue(each) < 1) throw CliException.Wrong("--every is a second at least.");

            var (shown, from, left) = (new HashSet<string>(StringComparer.Ordinal), DateTimeOffset.UtcNow - Overlap, parsed.GetValue(looks) ?? int.MaxValue);
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(parsed.GetValue(each)));
            do
            {
                from = await Look(terminal, profile, from, shown, parsed.GetValue(CallOptions.Json), cancel);
            }
            while (--left > 0 && await timer.WaitForNextTickAsync(cancel));

            return ExitCodes.Done;
        });
        return command;
    }

    /// <returns>From when on to look the next time.</returns>
    private static async Task<DateTimeOffset> Look(Terminal terminal, Profile profile, DateTimeOffset from, HashSet<string> shown, bool asJson, CancellationToken cancel)
    {
        var route = $"/admin/audit?limit=100&from={Uri.EscapeDataString(from.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture))}";
        var answered = await Caller.Send(profile.Address, new("GET", Caller.At(profile.Address, route), null, []), profile.Credential("operatorKey"), cancel);
        if (Reply.Parse(answered) is not { Data: { } data })
        {
            throw new CliException(ExitCodes.OfStatus(answered.Status), $"The audit was answered {answered.Status}.");
        }

        var last = from + Overlap;
        foreach (var entry in data.GetProperty("entries").EnumerateArray().Reverse())
        {
            var at = entry.GetProperty("ended_at").GetDateTimeOffset();
            last = at > last ? at : last;
            if (!shown.Add(entry.GetProperty("id").GetString()!)) continue;

            await terminal.Out.WriteLineAsync(asJson ? entry.GetRawText() : Line(entry, at));
        }

        if (shown.Count > Kept)
        {
            shown.Clear(); // what stands in the overlap is shown once more
        }

        return last - Overlap;
    }

    private static string Line(JsonElement entry, DateTimeOffset at)
    {
        var about = string.Concat(entry.GetProperty("request_summary").EnumerateObject().Select(one => $" {Plain.Text(one.Value)}"));
        return $"{at.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture)} {Of("agent_id")} for {Of("user_id")}: {Of("operation")}{about} {Of("response_status")}";

        string Of(string name) => Plain.Text(entry.GetProperty(name));
    }
}

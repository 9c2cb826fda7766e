using System.Runtime.CompilerServices;
using System.Text.Json;
using Agora.Cli.Calls;
using Agora.Cli.Profiles;

namespace Agora.Cli.Following;

/// <summary>
/// What happens, as the server tells webhooks: each event once, in order of its subject. A request waits at the server until there is something, and the next one goes on from its cursor. A server that
/// goes away after it had answered is waited for, and nothing is missed; one that does not answer at first, or refuses, ends it.
/// </summary>
internal sealed class Events(Profile profile, Terminal terminal, string? types)
{
    private const string Route = "/admin/events";
    private const int WaitSeconds = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>Where to go on; null: it has not begun.</summary>
    public string? Cursor { get; private set; }

    /// <param name="after">Where to begin; null: now. Whoever enumerates has been told that it began when the first null comes; from then on nothing is missed.</param>
    public async IAsyncEnumerable<JsonElement?> Follow(string? after, [EnumeratorCancellation] CancellationToken cancel)
    {
        Cursor = after;
        var first = await Page(waitSeconds: 0, cancel);
        yield return null;
        for (var page = first; ; page = await NextPage(cancel))
        {
            foreach (var one in page.GetProperty("events").EnumerateArray()) yield return one;

            Cursor = page.GetProperty("next_cursor").GetString();
        }
    }

    private async Task<JsonElement> NextPage(CancellationToken cancel)
    {
        for (var isAway = false; ;)
        {
            try
            {
                return await Page(WaitSeconds, cancel);
            }
            catch (CliException e) when (e.ExitCode is ExitCodes.NoServer or ExitCodes.Later)
            {
                if (!isAway)
                {
                    await terminal.Error.WriteLineAsync($"{e.Message} It is asked again; nothing is missed.");
                }

                isAway = true;
            }

            await Task.Delay(Pause, cancel);
        }
    }

    private async Task<JsonElement> Page(int waitSeconds, CancellationToken cancel)
    {
        var query = string.Join('&', new (string Name, string? Value)[] { ("cursor", Cursor), ("types", types), ("wait_seconds", $"{waitSeconds}") }.Where(one => one.Value is not null).Select(one => $"{one.Name}={Uri.EscapeDataString(one.Value!)}"));
        var page = await Questions.Data(profile, new("GET", Caller.At(profile.Address, $"{Route}?{query}"), null, []), profile.Credential("operatorKey"), cancel);
        return page.TryGetProperty("events", out var events) && events.ValueKind == JsonValueKind.Array && page.TryGetProperty("next_cursor", out var next) && next.ValueKind == JsonValueKind.String ? page
            : throw new CliException(ExitCodes.Refused, $"What {profile.Address} answers at {Route} is not what this release of agora reads.");
    }
}

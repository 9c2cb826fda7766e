using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Agora.Cli.Calls;
using Agora.Cli.Output;
using Agora.Cli.Profiles;

namespace Agora.Cli.Checks;

/// <summary>Asks the server what it says of itself, with the credentials that the profile has.</summary>
internal sealed class Examination(Profile profile)
{
    private static readonly TimeSpan ClockApart = TimeSpan.FromSeconds(5);
    private const long RoomLeast = 1L << 30;

    /// <summary>Only the server's own user may read its directory, and the doctor may be run by another user.</summary>
    private static readonly EnumerationOptions Readable = new() { IgnoreInaccessible = true };

    /// <summary>Of the calls that a provider of models had in the last hour: where more of them fail, it is named.</summary>
    private const decimal FailingPercent = 20;

    public static string Version { get; } = typeof(Examination).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    public async Task<IReadOnlyList<Finding>> All(string? data, CancellationToken cancel)
    {
        var findings = new List<Finding>();
        findings.AddRange(await OfServer(cancel));
        if (findings.TrueForAll(finding => finding.Verdict != Verdict.Bad))
        {
            var admin = await AdminKey(data, cancel);
            findings.AddRange([admin, await AgentKey(cancel), await Token(cancel)]);
            findings.AddRange(await OfOperations(isOperator: admin.Verdict == Verdict.Good, cancel));
        }

        if (data is not null)
        {
            var keepsNothing = findings.Exists(static finding => finding is { What: "disk", Verdict: Verdict.Off });
            findings.AddRange(keepsNothing && !Directory.Exists(data)
                ? [Finding.Unknown("data", $"There is no directory '{data}', and the server keeps nothing on a disk: leave --data out.")]
                : OfDirectory(data));
        }

        return findings;
    }

    private async Task<IReadOnlyList<Finding>> OfServer(CancellationToken cancel)
    {
        var server = profile.Address;
        using var http = Caller.Client(profile);
        try
        {
            using var ready = await http.GetAsync(Caller.At(server, "/readyz"), cancel);
            var version = ready.Headers.TryGetValues("Agora-Version", out var values) ? values.First() : null;
            if (version is null)
            {
                return [Finding.Bad("server", $"What answers at {server} is no Agora.", "Set the right address: --server, AGORA_URL or agora profile set.")];
            }

            return
            [
                Finding.Good("server", $"{server} answers."),
                ready.IsSuccessStatusCode ? Finding.Good("store", "The journal can be written.") : Finding.Bad("store", await Why(ready, cancel), "See the server's log; a full disk, a lost database and a process that still starts are what it mostly is."),
                version == Version ? Finding.Good("version", version) : Finding.Unknown("version", $"The server is {version}, this is {Version}; its commands are the server's own."),
                Clock(ready.Headers.Date),
            ];
        }
        catch (Exception e) when (Caller.IsAway(e, cancel))
        {
            return [Finding.Bad("server", Caller.NoServer(profile, e).Message, "Start it (./run), or set the right address: --server, AGORA_URL or agora profile set.")];
        }
    }

    private static async Task<string> Why(HttpResponseMessage refused, CancellationToken cancel) =>
        Reply.Parse(new((int)refused.StatusCode, await refused.Content.ReadAsStringAsync(cancel), null)) is { Refusal: { } refusal } ? Plain.Text(refusal.GetProperty("message")) : $"The server answers {(int)refused.StatusCode}.";

    private static Finding Clock(DateTimeOffset? theirs)
    {
        if (theirs is not { } date) return Finding.Unknown("clock", "The server does not say what time it is.");

        var apart = (date - DateTimeOffset.UtcNow).Duration();
        return apart <= ClockApart ? Finding.Good("clock", "The server's and this machine's agree.")
            : Finding.Bad("clock", string.Create(CultureInfo.InvariantCulture, $"The server's clock and this machine's are {apart.TotalSeconds:0} s apart."), "Set both by NTP: tokens, holds and payments end by the clock.");
    }

    private Task<Finding> AdminKey(string? data, CancellationToken cancel) => Credential("admin key", "AGORA_ADMIN_KEY", profile.AdminKey, "operatorKey", "GET", "/admin/users?limit=1", null, ToRestart(data) ?? "Take it from the server's settings (AGORA_ADMIN_KEY), or make one: ./run rotate-key NAME. If rotate-key made it, restart the server: the key works only then.", cancel);

    // A body that is refused for what it lacks says that the key was let in, and opens nothing.
    private Task<Finding> AgentKey(CancellationToken cancel) => Credential("agent key", "AGENT_API_KEY", profile.AgentKey, "agentKey", "POST", "/agent/auth", "{}", "Have one issued: agora issue-agent-key AGENT, or take the platform's from AGENT_API_KEY.", cancel);

    /// <summary>Null if the directory does not have the key. A server that refuses a key of its directory started before the key was made: another key would be refused as well.</summary>
    private string? ToRestart(string? data) =>
        profile.AdminKey is { } key && Directory.Exists(data) && Directory.EnumerateFiles(data, "*.access", Readable).FirstOrDefault(file => Holds(file, key)) is { } there
            ? $"Restart the server: the key is in {there}, and a server reads its keys when it starts. If it still refuses the key, AGORA_ADMIN_KEY is set there: take the key from that setting." : null;

    private static bool Holds(string file, string key)
    {
        try
        {
            return File.ReadAllText(file).Trim() == key;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // what this user may not read says nothing
        }
    }

    private Task<Finding> Token(CancellationToken cancel) => Credential("token", "AGORA_TOKEN", profile.Token, "sessionToken", "GET", "/agent/flow/status", null, "Open a session: agora auth --agent-id … --user-id …", cancel);

    private async Task<Finding> Credential(string what, string setting, string? given, string scheme, string method, string route, string? body, string mend, CancellationToken cancel)
    {
        if (given is null) return Finding.Unknown(what, $"None is set: {setting}, or a profile's.");

        var answered = await Caller.Send(profile, new(method, Caller.At(profile.Address, route), body, []), profile.Credential(scheme), cancel);
        return answered.Status switch
        {
            401 => Finding.Bad(what, "The server does not take it.", mend),
            403 when Reply.Parse(answered) is { Refusal: { } refusal } => Finding.Bad(what, Plain.Text(refusal.GetProperty("message")), "An operator lifts that: agora resume-session, agora start-agent or agora resume-user."),
            >= 500 => Finding.Bad(what, $"The server answers {answered.Status}.", "See the server's log by the request's id."),
            _ => Finding.Good(what, "The server takes it."),
        };
    }

    private async Task<IReadOnlyList<Finding>> OfOperations(bool isOperator, CancellationToken cancel)
    {
        if (!isOperator)
        {
            return [Finding.Unknown("services", "Only an operator sees how they are."), Finding.Unknown("payments", "Only an operator sees them.")];
        }

        return [await Services(cancel), .. await Models(cancel), await Payments(cancel), .. await Health(cancel)];
    }

    /// <summary>What the server says of itself; of its store readiness has told.</summary>
    private async Task<IReadOnlyList<Finding>> Health(CancellationToken cancel)
    {
        var answered = await Caller.Send(profile, new("GET", Caller.At(profile.Address, "/admin/health"), null, []), profile.Credential("operatorKey"), cancel);
        if (Reply.Parse(answered) is not { Data: { } data } || !data.TryGetProperty("checks", out var checks))
        {
            return [NotAnswered("health", answered)];
        }

        return [.. checks.EnumerateArray().Where(check => Plain.Text(check.GetProperty("name")) != "store").Select(Told)];
    }

    private static Finding Told(JsonElement check)
    {
        var (name, says) = (Plain.Text(check.GetProperty("name")), Plain.Text(check.GetProperty("says")));
        return Plain.Text(check.GetProperty("state")) switch
        {
            "well" => Finding.Good(name, says),
            "off" => Finding.Off(name, says),
            "unwell" => Finding.Bad(name, says, Plain.Text(check.GetProperty("mend"))),
            _ => Finding.Unknown(name, says),
        };
    }

    private async Task<Finding> Services(CancellationToken cancel)
    {
        var (services, answered) = await Items("/admin/services?limit=100", "services", cancel);
        if (services is null) return NotAnswered("services", answered);

        var resting = services.Where(service => service.TryGetProperty("retry_at", out var at) && at.ValueKind == JsonValueKind.String).Select(service => Plain.Text(service.GetProperty("service_id"))).ToList();
        return services.Count == 0 ? Finding.Unknown("services", "There are none yet: agora put-service ID --body @service.json.")
            : resting.Count == 0 ? Finding.Good("services", $"{Counted(services.Count, "service", "services")}, none resting after failures.")
            : Finding.Bad("services", $"Resting after failures: {string.Join(", ", resting)}.", "Look at the service (./run check-service URL), and at AGORA_OUTBOUND_ALLOW if its address is not public; it is tried again by itself.");
    }

    /// <summary>Nothing where no model was called in the last hour.</summary>
    private async Task<IReadOnlyList<Finding>> Models(CancellationToken cancel)
    {
        var (providers, answered) = await Items("/admin/models/providers", "providers", cancel);
        if (providers is null) return [NotAnswered("models", answered)];

        var failing = providers.Where(static provider => provider.GetProperty("failure_percent") is { ValueKind: JsonValueKind.Number } percent && percent.GetDecimal() > FailingPercent).Select(Failing).ToList();
        return providers.Count == 0 ? []
            : failing.Count == 0 ? [Finding.Good("models", $"{Counted(providers.Count, "provider was", "providers were")} called in the last hour, and none fails often.")]
            : [Finding.Bad("models", $"Calls fail: {string.Join(", ", failing)}.", "See the server's log for why, and the provider's key, address and limits in AGORA_MODEL_PROVIDERS; a router or fallback lets another model reply meanwhile.")];
    }

    private static string Failing(JsonElement provider) => $"{Plain.Text(provider.GetProperty("provider"))} ({Plain.Text(provider.GetProperty("failures"))} of {Plain.Text(provider.GetProperty("calls"))} in the last hour)";

    private async Task<Finding> Payments(CancellationToken cancel)
    {
        var (unresolved, answered) = await Items("/admin/settlements?state=unresolved&limit=100", "settlements", cancel);
        if (unresolved is null) return NotAnswered("payments", answered);

        return unresolved.Count == 0 ? Finding.Good("payments", "None by x402 is unresolved.")
            : Finding.Bad("payments", $"{Counted(unresolved.Count, "payment", "payments")} by x402 without a known end.", "Ask the facilitator, then settle each by hand: agora list-settlements --state unresolved.");
    }

    private static Finding NotAnswered(string what, Answered answered) => answered.Status == 404
        ? Finding.Unknown(what, "The server does not report it: only an operator of the default tenant sees it, or the server is of an older release.")
        : Finding.Bad(what, $"The server answers {answered.Status} instead of a report.", "See the server's log by the request's id.");

    private static string Counted(int number, string one, string many) => $"{number} {(number == 1 ? one : many)}";

    /// <returns>Null items if the server did not answer with a list; the answer in any case.</returns>
    private async Task<(IReadOnlyList<JsonElement>? Items, Answered Answered)> Items(string route, string list, CancellationToken cancel)
    {
        var answered = await Caller.Send(profile, new("GET", Caller.At(profile.Address, route), null, []), profile.Credential("operatorKey"), cancel);
        return Reply.Parse(answered) is { Data: { } data } && data.TryGetProperty(list, out var items) ? ([.. items.EnumerateArray()], answered) : (null, answered);
    }

    private static IEnumerable<Finding> OfDirectory(string path)
    {
        if (!Directory.Exists(path))
        {
            yield return Finding.Bad("data", $"There is no directory '{path}'.", "Name the one that ./run was started with (--data, AGORA_DATA).");
            yield break;
        }

        var free = new DriveInfo(Path.GetFullPath(path)).AvailableFreeSpace;
        yield return free >= RoomLeast ? Finding.Good("disk", $"{free >> 30} GiB are free.") : Finding.Bad("disk", $"{free >> 20} MiB are free.", "Make room before it is full: a journal that cannot be written serves nobody.");
        yield return OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) == 0
            ? Finding.Good("rights", "Its owner alone can read it.") : Finding.Bad("rights", "Others can read it, and the keys in it.", $"chmod 700 '{path}'");
        yield return File.Exists(Path.Combine(path, "master.key")) ? Finding.Good("keys", "The master key is there. Keep a copy apart from the backups.") : Finding.Unknown("keys", "No master key is in it: it is in AGORA_MASTER_KEY, or this is not the data directory.");
    }
}
